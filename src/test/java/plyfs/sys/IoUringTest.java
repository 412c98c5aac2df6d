package plyfs.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The memory that a ring shares with the kernel. */
final class IoUringTest {
  private static long mappings() throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
      return lines.filter(line -> line.contains("[io_uring]")).count();
    }
  }

  @Test
  void ring_givesItsMemoryBack() throws Exception {
    assumeTrue(IoUring.isAvailable(), "needs io_uring, with Linux 6.1");
    IoUring ring = new IoUring(2);
    assertThat(mappings()).isEqualTo(2);
    ring.close();
    assertThat(mappings()).isZero();
  }

  @Test
  void failedSecondMapping_leavesTheFirst() throws Exception {
    assumeTrue(IoUring.isAvailable(), "needs io_uring, with Linux 6.1");
    int[] made = {0};
    assertThatThrownBy(
            () ->
                new IoUring(
                    2,
                    (ring, bytes, offset) ->
                        made[0]++ == 0 ? IoUring.map(ring, bytes, offset) : -Errno.ENOMEM))
        .isInstanceOfSatisfying(
            ErrnoException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ENOMEM));
    assertThat(made[0]).isEqualTo(2);
    assertThat(mappings()).isZero();
  }
}
