package plyfs.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Linux;

final class OldLogsTest {
  private static final Instant NOW = Instant.parse("2026-11-30T12:00:00Z");

  @TempDir Path directory;

  private Path file(String name, int days) throws IOException {
    Path file = Files.writeString(directory.resolve(name), "x");
    Files.setLastModifiedTime(file, FileTime.from(NOW.minus(Duration.ofDays(days))));
    return file;
  }

  private Stream<String> names() throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      return all.map(path -> path.getFileName().toString()).toList().stream();
    }
  }

  @Test
  void logsOfMoreThan30Days_go_andOtherFilesStay() throws IOException, ErrnoException {
    file("mnt-a.log", 31);
    file("mnt-a.log.old", 400);
    file("mnt-b.log", 29);
    file("notes", 400);
    Files.createDirectory(directory.resolve("d.log"));
    assertThat(OldLogs.remove(directory.toFile(), NOW)).isEqualTo(2);
    assertThat(names()).containsExactlyInAnyOrder("mnt-b.log", "notes", "d.log");
  }

  @Test
  void logThatADaemonHasOpen_stays_untilItHasEnded() throws IOException, ErrnoException {
    Path log = file("mnt-a.log", 31);
    try (Fd open = Fd.open(GivenPath.bytes(log), Linux.O_WRONLY)) {
      FileSyscalls.flock(open, Linux.LOCK_SH | Linux.LOCK_NB);
      assertThat(OldLogs.remove(directory.toFile(), NOW)).isZero();
      assertThat(log).exists();
    }
    assertThat(OldLogs.remove(directory.toFile(), NOW)).isEqualTo(1);
    assertThat(log).doesNotExist();
  }
}
