package plyfs.daemon;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import plyfs.sys.ErrnoException;
import plyfs.sys.FuseMount;
import plyfs.sys.Linux;

/**
 * The words that say whether mounts made below the mount point appear in other mount namespaces.
 * mount(2) takes each in a call of its own, once the mount is there.
 */
final class Propagation {
  private final List<MountOption> words = new ArrayList<>();

  /** Takes an option if it is one of these words. */
  boolean take(MountOption option) {
    if (option.value() != null || flags(option.key()) == 0) {
      return false;
    }
    words.add(option);
    return true;
  }

  /** What was taken, in its order. */
  List<MountOption> words() {
    return words;
  }

  /** {@code MS_*} of each word, in its order. */
  ImmutableList<Long> flags() {
    ImmutableList.Builder<Long> all = ImmutableList.builder();
    for (MountOption word : words) {
      all.add(flags(word.key()));
    }
    return all.build();
  }

  private static long flags(String word) {
    return switch (word) {
      case "private" -> Linux.MS_PRIVATE;
      case "shared" -> Linux.MS_SHARED;
      case "slave" -> Linux.MS_SLAVE;
      case "unbindable" -> Linux.MS_UNBINDABLE;
      case "rprivate" -> Linux.MS_REC | Linux.MS_PRIVATE;
      case "rshared" -> Linux.MS_REC | Linux.MS_SHARED;
      case "rslave" -> Linux.MS_REC | Linux.MS_SLAVE;
      case "runbindable" -> Linux.MS_REC | Linux.MS_UNBINDABLE;
      default -> 0;
    };
  }

  /**
   * Changes the topmost mount at a path.
   *
   * @param path absolute, without symbolic links
   * @param flags from {@link #flags()}
   * @throws ErrnoException EPERM, EINVAL
   */
  static void apply(byte[] path, ImmutableList<Long> flags) throws ErrnoException {
    for (long each : flags) {
      ErrnoException.check(FuseMount.setPropagation(path, each));
    }
  }
}
