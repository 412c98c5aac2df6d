package plyfs.cli;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Linux;

/** Removes the log files of mounts that are gone. */
final class OldLogs {
  private static final Duration KEPT = Duration.ofDays(30);

  private OldLogs() {}

  /**
   * Removes the files that no daemon has written to for 30 days and none has open.
   *
   * @param directory has logs alone
   * @return how many
   * @throws IOException the directory cannot be read, or a file cannot be removed
   */
  static int remove(Path directory, Instant now) throws IOException {
    int removed = 0;
    try (DirectoryStream<Path> logs = Files.newDirectoryStream(directory, "*.log{,.old}")) {
      for (Path log : logs) {
        removed += isOld(log, now) && removeUnlessInUse(log) ? 1 : 0;
      }
    }
    return removed;
  }

  private static boolean isOld(Path log, Instant now) throws IOException {
    BasicFileAttributes attributes =
        Files.readAttributes(log, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    return attributes.isRegularFile()
        && attributes.lastModifiedTime().toInstant().isBefore(now.minus(KEPT));
  }

  /** A daemon holds a lock on its log, wherever it runs. */
  private static boolean removeUnlessInUse(Path log) throws IOException {
    try (Fd file = Fd.open(GivenPath.bytes(log), Linux.O_RDONLY | Linux.O_NOFOLLOW)) {
      if (FileSyscalls.flock(file, Linux.LOCK_EX | Linux.LOCK_NB) < 0) {
        return false;
      }
      return Files.deleteIfExists(log);
    } catch (ErrnoException e) {
      throw new IOException("cannot open " + log + ": " + e.getMessage(), e);
    }
  }
}
