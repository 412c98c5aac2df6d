package plyfs.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.File;
import java.time.Duration;
import java.time.Instant;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Linux;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;

/**
 * Removes the log files of mounts that are gone. Each mount that starts does it, so this uses
 * little of the library: patterns and streams of a directory cost the first milliseconds of a
 * mount.
 */
final class OldLogs {
  private static final Duration KEPT = Duration.ofDays(30);

  private OldLogs() {}

  /**
   * Removes the files that no daemon has written to for 30 days and none has open.
   *
   * @param directory has logs alone
   * @return how many
   * @throws ErrnoException a file cannot be looked at or removed
   */
  static int remove(File directory, Instant now) throws ErrnoException {
    String[] names = directory.list();
    long limit = now.minus(KEPT).getEpochSecond();
    int removed = 0;
    for (String name : names == null ? new String[0] : names) {
      if (name.endsWith(".log") || name.endsWith(".log.old")) {
        byte[] file = new File(directory, name).getPath().getBytes(UTF_8);
        removed += isOld(file, limit) && removeUnlessInUse(file) ? 1 : 0;
      }
    }
    return removed;
  }

  private static boolean isOld(byte[] file, long limit) {
    Stat stat = new Stat();
    return Syscalls.statx(Fd.CWD, file, stat) == 0
        && stat.isRegular()
        && stat.mtimeSeconds() < limit;
  }

  /** A daemon holds a lock on its log, wherever it runs. */
  private static boolean removeUnlessInUse(byte[] path) throws ErrnoException {
    try (Fd file = Fd.openIfPresent(Fd.CWD, path, Linux.O_RDONLY | Linux.O_NOFOLLOW)) {
      if (file == null || FileSyscalls.flock(file, Linux.LOCK_EX | Linux.LOCK_NB) < 0) {
        return false;
      }
      ErrnoException.check(Syscalls.unlinkat(Fd.CWD, path, 0));
      return true;
    }
  }
}
