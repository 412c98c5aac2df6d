package plyfs.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.sys.Errno;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.MountSyscalls;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;

/**
 * The directories for log files of this user: {@code /var/log/plyfs}, or below the home directory.
 */
final class LogDirectories {
  private static final String OF_THE_MACHINE = "/var/log/plyfs";
  private static final int FOR_THE_OWNER = 0700;

  private LogDirectories() {}

  /** The directories in the order in which they are tried; they may not exist. */
  static List<byte[]> ofThisUser() {
    List<byte[]> all = new ArrayList<>(2);
    byte[] machine = OF_THE_MACHINE.getBytes(UTF_8);
    if (isOurs(machine)) {
      all.add(machine);
    }
    String state = System.getenv("XDG_STATE_HOME");
    String home = System.getenv("HOME");
    if (isAbsolute(state)) {
      all.add((state + "/plyfs").getBytes(UTF_8));
    } else if (isAbsolute(home)) {
      all.add((home + "/.local/state/plyfs").getBytes(UTF_8));
    }
    return all;
  }

  private static boolean isAbsolute(@Nullable String path) {
    return path != null && path.startsWith("/");
  }

  /**
   * False for root of a user namespace: it sees /var/log/plyfs of the machine, but does not own it.
   */
  private static boolean isOurs(byte[] directory) {
    Stat stat = new Stat();
    int result = Syscalls.statxFollowing(Fd.CWD, directory, stat);
    int user = MountSyscalls.effectiveUser();
    return result == -Errno.ENOENT ? user == 0 : result == 0 && stat.uid() == user;
  }

  /**
   * Creates a directory and its parents, accessible by the owner only.
   *
   * @return 0, or a negated error number
   */
  static int make(byte[] directory) {
    int result = 0;
    for (int end = 1; end <= directory.length && result == 0; end++) {
      if (end == directory.length || directory[end] == '/') {
        byte[] part = Arrays.copyOf(directory, end);
        int made = Syscalls.mkdirat(Fd.CWD, part, FOR_THE_OWNER);
        boolean isThere = made == 0 || isDirectory(part);
        result = isThere ? 0 : made;
      }
    }
    return result;
  }

  /** Also true if mkdir fails for another reason, for example on a read-only file system. */
  private static boolean isDirectory(byte[] path) {
    Stat stat = new Stat();
    return Syscalls.statxFollowing(Fd.CWD, path, stat) == 0 && stat.type() == Linux.S_IFDIR;
  }
}
