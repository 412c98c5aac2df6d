package plyfs.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** When workers look for requests before they sleep. */
final class BusyPollingTest {
  private static final long MICRO = 1000;

  private final BusyPolling polling = BusyPolling.forMicros(50);

  @Test
  void quietMount_isNotPolled() {
    assertThat(polling.begin()).isFalse();
    polling.slept(1000 * MICRO);
    assertThat(polling.begin()).isFalse();
  }

  @Test
  void burst_isPolledByOneWorkerAtATime() {
    polling.slept(60 * MICRO);
    assertThat(polling.begin()).isTrue();
    assertThat(polling.begin()).isFalse();
    polling.end(true);
    assertThat(polling.begin()).isTrue();
  }

  @Test
  void afterThreeTimesInVain_workersSleep_untilTheNextBurst() {
    polling.slept(60 * MICRO);
    for (int i = 0; i < 3; i++) {
      assertThat(polling.begin()).isTrue();
      polling.end(false);
    }
    assertThat(polling.begin()).isFalse();
    polling.slept(60 * MICRO);
    assertThat(polling.begin()).isTrue();
  }

  @Test
  void requestFoundMeanwhile_countsAgain() {
    polling.slept(60 * MICRO);
    for (int i = 0; i < 10; i++) {
      assertThat(polling.begin()).isTrue();
      polling.end(i % 3 == 2);
    }
  }

  @Test
  void never_meansNever() {
    assertThat(BusyPolling.forMicros(0).isNever()).isTrue();
    assertThat(polling.isNever()).isFalse();
  }
}
