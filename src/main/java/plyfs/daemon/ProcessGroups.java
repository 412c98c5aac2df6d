package plyfs.daemon;

import java.util.function.IntPredicate;
import plyfs.sys.ProcessStatus;

/**
 * Groups and privileges of the process or thread that sent a request. As a predicate: whether an
 * object of a group keeps its setgid bit when the process changes it.
 *
 * @param pid of the request; 0 for a process without a number in the daemon's PID namespace
 * @implNote a request has no supplementary groups; with FUSE_ALLOW_IDMAP (Linux 6.12) it has a
 *     group only if it makes something
 */
public record ProcessGroups(int pid) implements IntPredicate {
  private static final long CAP_FSETID = 1 << 4;
  private static final long CAP_SYS_ADMIN = 1 << 21;

  @Override
  public boolean test(int group) {
    return contains(pid, group) || keepsSetuid(pid);
  }

  /**
   * Whether a process has a group, as its file system group or as a supplementary group.
   *
   * @param pid of the request; false for a process that has ended, and for 0
   */
  static boolean contains(int pid, int group) {
    if (pid <= 0) {
      return false;
    }
    for (String line : ProcessStatus.lines(pid)) {
      if (isIn(line, Integer.toUnsignedString(group))) {
        return true;
      }
    }
    return false;
  }

  /** {@code Gid: REAL EFFECTIVE SAVED FILES}, or {@code Groups: SUPPLEMENTARY...}. */
  static boolean isIn(String line, String group) {
    String[] words = line.split("\\s+", -1);
    if (words[0].equals("Gid:")) {
      return words.length > 4 && words[4].equals(group);
    }
    if (words[0].equals("Groups:")) {
      for (int i = 1; i < words.length; i++) {
        if (words[i].equals(group)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Whether a process keeps setuid and setgid bits when it changes a file: it has CAP_FSETID. */
  public static boolean keepsSetuid(int pid) {
    return has(pid, CAP_FSETID);
  }

  /** Whether a process has CAP_SYS_ADMIN, in its own user namespace. */
  static boolean isAdministrator(int pid) {
    return has(pid, CAP_SYS_ADMIN);
  }

  private static boolean has(int pid, long capability) {
    if (pid <= 0) {
      return false;
    }
    for (String line : ProcessStatus.lines(pid)) {
      if (line.startsWith("CapEff:")) {
        return (Long.parseUnsignedLong(line.substring(7).strip(), 16) & capability) != 0;
      }
    }
    return false;
  }
}
