package plyfs.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MemoryReturnTest {
  private final MemoryReturn memory = new MemoryReturn();

  @Test
  void manyForgotten_areCollectedOnce_whenTheMountRests() {
    assertThat(memory.isWorthCollecting(1_000_000)).isFalse();
    assertThat(memory.isWorthCollecting(500_000)).isFalse();
    assertThat(memory.isWorthCollecting(10)).isFalse();
    assertThat(memory.isWorthCollecting(10)).isTrue();
    assertThat(memory.isWorthCollecting(10)).isFalse();
  }

  @Test
  void fewForgotten_areLeftToTheCollector() {
    assertThat(memory.isWorthCollecting(MemoryReturn.MANY)).isFalse();
    assertThat(memory.isWorthCollecting(1)).isFalse();
    assertThat(memory.isWorthCollecting(1)).isFalse();
  }

  @Test
  void aNewPeak_countsFromTheLastCollection() {
    assertThat(memory.isWorthCollecting(MemoryReturn.MANY + 10)).isFalse();
    assertThat(memory.isWorthCollecting(10)).isFalse();
    assertThat(memory.isWorthCollecting(10)).isTrue();
    assertThat(memory.isWorthCollecting(2 * MemoryReturn.MANY)).isFalse();
    assertThat(memory.isWorthCollecting(10)).isFalse();
    assertThat(memory.isWorthCollecting(10)).isTrue();
  }
}
