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
 * Removes old log files of other mounts. Each mount does this at its start, so the code avoids
 * patterns and directory streams of the Java library, which would take the first milliseconds of a
 * mount.
 */
final class OldLogs {
  private static final Duration KEPT = Duration.ofDays(30);

  private OldLogs() {}

  /**
   * Removes the files that no daemon has written to for 30 days and no daemon has open.
   *
   * @param directory contains only logs
   * @return how many files were removed
   * @throws ErrnoException a file cannot be read or removed
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

  /** A daemon locks its log, in any mount namespace. */
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
