package plyfs.layer;

import java.util.concurrent.atomic.AtomicInteger;
import plyfs.sys.RankedReadWriteLock;

/**
 * Lets readers notice that something visible moved while they went by name, without a lock: a mover
 * makes the count odd, moves, and makes it even again; a reader that saw an even count before and
 * the same count after has not been misled.
 *
 * <p>Movers exclude each other by the locks of the engine (directories involved in a move are
 * locked), so several may be under way: the count of those rides in the low bits. A reader that was
 * disturbed {@link #PATIENCE} times shuts movers out for its next attempt, so that it comes to an
 * end however busy they are.
 */
final class MoveCounter {
  private static final int ONE_UNDER_WAY = 1;
  private static final int UNDER_WAY = 0xff;
  private static final int ONE_DONE = 0x100;

  /** Attempts by hope before one by force. */
  private static final int PATIENCE = 16;

  private static final int RANK = 55;

  private final RankedReadWriteLock stopper = new RankedReadWriteLock(RANK);
  private final AtomicInteger count = new AtomicInteger();

  /**
   * The state to compare with later; waits while a move is under way. Each call is followed by
   * {@link #end} of the same attempt.
   *
   * @param attempt how often the caller has been disturbed already
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

  /** The attempt is over. */
  void end(int attempt) {
    if (attempt >= PATIENCE) {
      stopper.unlockWrite();
    }
  }

  /** Whether nothing has moved since {@link #begin} returned {@code before}. */
  boolean unchangedSince(int before) {
    return count.get() == before;
  }

  /** Before a move. */
  void startMove() {
    stopper.lockRead();
    count.addAndGet(ONE_UNDER_WAY);
  }

  /** After a move, successful or not, when references have been told. */
  void endMove() {
    count.addAndGet(ONE_DONE - ONE_UNDER_WAY);
    stopper.unlockRead();
  }
}
