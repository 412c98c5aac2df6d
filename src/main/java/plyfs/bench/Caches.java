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

/** The caches of the kernel between two samples. */
final class Caches {
  private static final Path DROP = Path.of("/proc/sys/vm/drop_caches");

  private Caches() {}

  /** Why they cannot be dropped; null if they can. */
  static @Nullable String fixed() {
    return Files.isWritable(DROP)
        ? null
        : "only root can drop caches: a cold sample has only a fresh mount";
  }

  /** Drops clean pages, names and inodes of the whole machine. */
  static void drop() throws IOException {
    Files.writeString(DROP, "3\n", StandardOpenOption.WRITE);
  }

  /** Waits until a file system has written back all changes. */
  static void settle(Path place) throws ErrnoException {
    try (Fd fd = Fd.open(CaseFiles.bytes(place), Linux.O_RDONLY | Linux.O_DIRECTORY)) {
      ErrnoException.check(FileSyscalls.syncfs(fd));
    }
  }
}
