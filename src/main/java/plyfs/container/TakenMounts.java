package plyfs.container;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import plyfs.sys.DetachedMount;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.MountSyscalls;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;

/**
 * Mounts below another one that have been taken away so that it can be unmounted. Until this is
 * closed they can be put back with all that they hold, also a tmpfs.
 */
public final class TakenMounts implements AutoCloseable {
  private static final byte[] NONE = {};

  private final List<DetachedMount> copies = new ArrayList<>();
  private final List<byte[]> taken = new ArrayList<>();
  private byte[] busy = NONE;

  private TakenMounts() {}

  /**
   * Takes mounts away, the last first. If a program uses one of them, all are put back.
   *
   * @param paths as {@link BelowMounts#make} gave them; what is no longer mounted is passed over
   * @param lazily whether those in use are detached, too; then nothing can be put back
   */
  public static TakenMounts take(List<byte[]> paths, boolean lazily) throws IOException {
    TakenMounts mounts = new TakenMounts();
    try {
      for (int i = paths.size() - 1; i >= 0 && mounts.busy.length == 0; i--) {
        if (isMounted(paths.get(i))) {
          mounts.take(paths.get(i), lazily);
        }
      }
      return mounts;
    } catch (ErrnoException e) {
      mounts.close();
      throw new IOException("cannot unmount what is below the mount: " + e.getMessage(), e);
    } catch (IOException e) {
      mounts.close();
      throw e;
    }
  }

  private void take(byte[] path, boolean lazily) throws IOException, ErrnoException {
    int flags = Linux.UMOUNT_NOFOLLOW | (lazily ? Linux.MNT_DETACH : 0);
    DetachedMount copy = lazily ? null : copyOf(path);
    int result = MountSyscalls.umount(path, flags);
    if (result >= 0) {
      taken.add(path);
      if (copy != null) {
        copies.add(copy);
      }
      return;
    }
    if (copy != null) {
      copy.close();
    }
    putBack();
    if (result != -Errno.EBUSY) {
      throw new IOException(
          "cannot unmount " + Name.printable(path) + ": " + Errno.describe(-result));
    }
    busy = path;
  }

  /** The mount that a program uses; empty if all were taken away. */
  public byte[] busy() {
    return busy;
  }

  /** Puts all back. */
  public void putBack() throws IOException {
    for (int i = copies.size() - 1; i >= 0; i--) {
      try (Fd target = Fd.open(taken.get(i), Linux.O_PATH | Linux.O_NOFOLLOW)) {
        copies.get(i).attach(target);
      } catch (ErrnoException e) {
        throw new IOException(
            "cannot mount " + Name.printable(taken.get(i)) + " again: " + e.getMessage(), e);
      }
    }
    close();
  }

  private static boolean isMounted(byte[] path) {
    Stat stat = new Stat();
    int result = Syscalls.statxKnown(Fd.CWD, path, stat);
    return result >= 0 && stat.isMountRoot();
  }

  private static DetachedMount copyOf(byte[] path) throws ErrnoException {
    try (Fd root = Fd.open(path, Linux.O_PATH | Linux.O_NOFOLLOW)) {
      return DetachedMount.of(root);
    }
  }

  /** Lets go of them. */
  @Override
  public void close() {
    copies.forEach(DetachedMount::close);
    copies.clear();
    taken.clear();
  }
}
