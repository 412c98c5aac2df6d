package plyfs.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class RankedLockTest {
  private final RankedLock low = new RankedLock(10);
  private final RankedReadWriteLock middle = new RankedReadWriteLock(20);
  private final RankedLock high = new RankedLock(30);

  @Test
  void risingOrder_isAllowed() {
    low.lock();
    middle.lockRead();
    high.lock();
    assertThat(HeldRanks.noneHeld()).isFalse();
    high.unlock();
    middle.unlockRead();
    low.unlock();
    assertThat(HeldRanks.noneHeld()).isTrue();
  }

  @Test
  void fallingOrder_isAnAssertionFailure() {
    high.lock();
    try {
      assertThatThrownBy(middle::lockRead)
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("rank 20");
    } finally {
      high.unlock();
    }
  }

  @Test
  void equalRanks_onlyThroughLockChildOf() {
    RankedLock child = new RankedLock(30);
    high.lock();
    try {
      assertThatThrownBy(child::lock).isInstanceOf(AssertionError.class);
      child.lockChildOf(high);
      child.unlock();
    } finally {
      high.unlock();
    }
  }
}
