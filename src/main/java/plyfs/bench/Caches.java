package plyfs.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Linux;

/** What the kernel keeps in memory, between two samples. */
final class Caches {
  private static final Path DROP = Path.of("/proc/sys/vm/drop_caches");

  private Caches() {}

  /** Why they cannot be dropped; null if they can. */
  static @Nullable String fixed() {
    return Files.isWritable(DROP)
        ? null
        : "caches cannot be dropped without root: a cold sample has a fresh mount and no more";
  }

  /** Drops pages, names and inodes that are clean, for the whole machine. */
  static void drop() throws IOException {
    Files.writeString(DROP, "3\n", StandardOpenOption.WRITE);
  }

  /** Waits until nothing of a file system is to be written any more. */
  static void settle(Path place) throws ErrnoException {
    try (Fd fd = Fd.open(CaseFiles.bytes(place), Linux.O_RDONLY | Linux.O_DIRECTORY)) {
      ErrnoException.check(FileSyscalls.syncfs(fd));
    }
  }
}
