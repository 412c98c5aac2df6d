package plyfs.layer;

import java.util.concurrent.atomic.AtomicInteger;
import plyfs.sys.RankedReadWriteLock;

/**
 * A sequence count with which readers detect moves without taking a lock. A mover makes the count
 * odd, moves, and makes it even again. A reader that sees the same even count before and after its
 * access was not disturbed.
 *
 * <p>Movers exclude each other by the locks of the directories in a move, so several moves of other
 * directories may be in progress; the low bits hold their number. After {@link #PATIENCE} disturbed
 * attempts a reader blocks movers for its next attempt, so it finishes however frequent the moves
 * are.
 */
final class MoveCounter {
  private static final int ONE_UNDER_WAY = 1;
  private static final int UNDER_WAY = 0xff;
  private static final int ONE_DONE = 0x100;

  /** Number of optimistic attempts before movers are blocked. */
  private static final int PATIENCE = 16;

  private static final int RANK = 55;

  private final RankedReadWriteLock stopper = new RankedReadWriteLock(RANK);
  private final AtomicInteger count = new AtomicInteger();

  /**
   * The state to compare with later; waits while a move is in progress. Each call must be followed
   * by {@link #end} with the same attempt.
   *
   * @param attempt how often the caller was already disturbed
   */
  int begin(int attempt) {
    if (attempt >= PATIENCE) {
      stopper.lockWrite();
    }
    int now = count.get();
    while ((now & UNDER_WAY) != 0) {
      stopper.lockWrite(); // the mover may wait for a disk
      stopper.unlockWrite();
      now = count.get();
    }
    return now;
  }

  /** Ends the attempt. */
  void end(int attempt) {
    if (attempt >= PATIENCE) {
      stopper.unlockWrite();
    }
  }

  /** Whether nothing has moved since {@link #begin} returned {@code before}. */
  boolean unchangedSince(int before) {
    return count.get() == before;
  }

  /** Called before a move. */
  void startMove() {
    stopper.lockRead();
    count.addAndGet(ONE_UNDER_WAY);
  }

  /** Called after a move, successful or not, when the references are updated. */
  void endMove() {
    count.addAndGet(ONE_DONE - ONE_UNDER_WAY);
    stopper.unlockRead();
  }
}
