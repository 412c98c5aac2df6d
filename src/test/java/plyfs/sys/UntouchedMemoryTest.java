package plyfs.sys;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class UntouchedMemoryTest {
  @Test
  void theByteAskedFor_isTheFirstOfAPage_andAllIsZero_andKeepsWhatIsWritten() {
    int page = MountSyscalls.pageSize();
    for (int bytes : new int[] {1, 100, page, 5 * page + 7, 1 << 20}) {
      for (int aligned : new int[] {0, 16, 80}) {
        ByteBuffer memory = UntouchedMemory.allocate(aligned, bytes);
        assertThat(memory.capacity()).isEqualTo(bytes);
        assertThat((Syscalls.addressOf(memory) + aligned) % page).isZero();
        assertThat(memory.mismatch(ByteBuffer.allocate(bytes))).isEqualTo(-1);
        memory.put(bytes - 1, (byte) 7);
        assertThat(memory.get(bytes - 1)).isEqualTo((byte) 7);
      }
    }
  }

  @Test
  void aLargeBuffer_takesNoMemory_untilItIsUsed() throws Exception {
    long before = residentPages();
    ByteBuffer memory = UntouchedMemory.allocate(0, 64 << 20);
    assertThat(residentPages() - before).as("pages of 16384").isLessThan(8192);
    for (int at = 0; at < memory.capacity(); at += 4096) {
      memory.put(at, (byte) 1);
    }
    assertThat(residentPages() - before).isGreaterThan(12_000);
    assertThat(memory.get(0)).isEqualTo((byte) 1);
  }

  private static long residentPages() throws IOException {
    String statm = Files.readString(Path.of("/proc/self/statm"));
    int second = statm.indexOf(' ') + 1;
    return Long.parseLong(statm, second, statm.indexOf(' ', second), 10);
  }
}
