package plyfs.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static plyfs.layer.TestMounts.bytes;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.Syscalls;

/** Reading a file that ends, and one that cannot be read from some byte on. */
final class HostFileTest {
  private static final int PAGE = 4096;

  private final ByteBuffer memory = ByteBuffer.allocateDirect(4 * PAGE);
  private final long address = Syscalls.addressOf(memory);

  private static HostFile open(Path path) throws ErrnoException {
    try (Fd directory = Fd.open(bytes(Objects.requireNonNull(path.getParent())), Linux.O_PATH)) {
      return new HostFile(Fd.open(bytes(path), Linux.O_RDONLY), new ShortReads(directory));
    }
  }

  /** End of a stretch of this process's memory behind which there is none for a while. */
  private static long endOfMemory() throws IOException {
    List<String> stretches = Files.readAllLines(Path.of("/proc/self/maps"));
    for (int i = 0; i + 1 < stretches.size(); i++) {
      long end = Long.parseUnsignedLong(stretches.get(i).split("[- ]", 3)[1], 16);
      long next = Long.parseUnsignedLong(stretches.get(i + 1).split("-", 2)[0], 16);
      if (stretches.get(i).contains(" r") && next - end > 1L << 32) {
        return end;
      }
    }
    throw new IllegalStateException("memory without gaps: " + stretches);
  }

  /** Seen as a cat that printed the first half of a file and ended well. */
  @Test
  void errorBehindReadableBytes_isThrown_andIsNotTheEndOfTheFile() throws Exception {
    long end = endOfMemory();
    try (HostFile file = open(Path.of("/proc/self/mem"))) { // whose gaps are errors
      assertThat(file.read(address, PAGE, end - PAGE)).isEqualTo(PAGE);
      assertThatThrownBy(() -> file.read(address, 3 * PAGE, end - PAGE))
          .isInstanceOf(ErrnoException.class)
          .hasMessageContaining("EIO");
      assertThatThrownBy(() -> file.read(address, PAGE, end)).hasMessageContaining("EIO");
    }
  }

  @Test
  void endOfTheFile_isAShortCount() throws Exception {
    Path path = Files.createTempFile("plyfs", "");
    try {
      for (int size : new int[] {0, 100, PAGE, PAGE + 100}) {
        Files.write(path, new byte[size]);
        try (HostFile file = open(path)) {
          assertThat(file.read(address, 3 * PAGE, 0)).isEqualTo(size);
          assertThat(file.read(address, 3 * PAGE, size)).isZero();
        }
      }
    } finally {
      Files.delete(path);
    }
  }
}
