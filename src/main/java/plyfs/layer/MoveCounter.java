package plyfs.layer;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Lets readers notice that something visible moved while they went by name, without a lock: a mover
 * makes the count odd, moves, and makes it even again; a reader that saw an even count before and
 * the same count after has not been misled.
 *
 * <p>Movers exclude each other by the locks of the engine (directories involved in a move are
 * locked), so several may be under way: the count of those rides in the low bits.
 */
final class MoveCounter {
  private static final int ONE_UNDER_WAY = 1;
  private static final int UNDER_WAY = 0xff;
  private static final int ONE_DONE = 0x100;

  private final AtomicInteger count = new AtomicInteger();

  /** The state to compare with later; waits while a move is under way. */
  int begin() {
    int now = count.get();
    while ((now & UNDER_WAY) != 0) {
      Thread.onSpinWait();
      now = count.get();
    }
    return now;
  }

  /** Whether nothing has moved since {@link #begin} returned {@code before}. */
  boolean unchangedSince(int before) {
    return count.get() == before;
  }

  /** Before a move. */
  void startMove() {
    count.addAndGet(ONE_UNDER_WAY);
  }

  /** After a move, successful or not, when references have been told. */
  void endMove() {
    count.addAndGet(ONE_DONE - ONE_UNDER_WAY);
  }
}
