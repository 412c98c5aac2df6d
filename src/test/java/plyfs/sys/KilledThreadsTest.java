package plyfs.sys;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

/** What /proc says of the thread that a request comes from. */
final class KilledThreadsTest {
  /** {@code /proc/NUMBER/stat}, as Linux 6.18 writes it. */
  private static boolean isKilled(String program, long pending) {
    String stat =
        "18111 ("
            + program
            + ") D 17999 18098 17990 0 -1 4194368 2317 0 0 0 5 3 0 0 20 0 2 0 13051"
            + " 166203392 2861 18446744073709551615 4194304 7147585 140726341245936 0 0"
            + String.format(" %d 0", pending)
            + " 1638400 1 0 4096 0 16781312 2 0 0 0 17 1 0 0 0 0 0\n";
    byte[] bytes = stat.getBytes(US_ASCII);
    return KilledThreads.hasKillPending(ByteBuffer.wrap(bytes), bytes.length);
  }

  @Test
  void killAmongThePendingSignals_isSeen() {
    assertThat(isKilled("python3", 0x100)).isTrue();
    assertThat(isKilled("python3", 0x4100)).isTrue();
    assertThat(isKilled(") D 1 256 (", 0x100)).isTrue();
  }

  @Test
  void otherSignals_killNobody() {
    assertThat(isKilled("python3", 0)).isFalse();
    assertThat(isKilled("python3", 0x4000)).as("SIGTERM, which has a handler").isFalse();
    assertThat(isKilled("python3", 0x7ffffeff)).isFalse();
    assertThat(isKilled(") D 1 256 (", 0)).isFalse();
  }

  @Test
  void nothingToRead_killsNobody() {
    byte[] cut = "18111 (python3) D 17999".getBytes(US_ASCII);
    assertThat(KilledThreads.hasKillPending(ByteBuffer.wrap(cut), cut.length)).isFalse();
    assertThat(KilledThreads.hasKillPending(ByteBuffer.wrap(cut), 0)).isFalse();
    assertThat(KilledThreads.hasKillPending(ByteBuffer.wrap(cut), -Errno.ESRCH)).isFalse();
  }

  @Test
  void threadsThatCannotBeLookedAt_areNotKilled() throws Exception {
    KilledThreads killed = new KilledThreads();
    assertThat(killed.test(0)).as("of another process namespace").isFalse();
    assertThat(killed.test(MountSyscalls.processId())).as("this one").isFalse();
    Process ended = new ProcessBuilder("true").start();
    ended.waitFor();
    assertThat(killed.test((int) ended.pid())).isFalse();
  }
}
