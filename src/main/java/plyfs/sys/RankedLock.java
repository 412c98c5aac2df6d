package plyfs.sys;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * A lock with a place in the order of all locks. Under {@code -ea}, taking one while holding
 * another of the same or a higher rank is an assertion failure, so a possible deadlock is found by
 * any test that runs the path, not only by one that meets it.
 *
 * <p>The ranks are drawn in {@code plyfs.union.node.Ranks}.
 */
public final class RankedLock {
  private static final int LOOK_MILLISECONDS = 100;

  private final ReentrantLock lock = new ReentrantLock();
  private final int rank;

  /**
   * A lock.
   *
   * @param rank 1 to 99; locks are taken in rising order
   */
  public RankedLock(int rank) {
    this.rank = rank;
  }

  /** Waits for the lock. */
  public void lock() {
    assert HeldRanks.mayTake(rank) : HeldRanks.complaint(rank);
    lock.lock();
    assert HeldRanks.taken(rank);
  }

  /**
   * Waits for the lock, but no longer than somebody wants it.
   *
   * @param abandoned asked every 100 ms while another thread holds the lock
   * @return false if it was abandoned, and the lock is not held
   */
  public boolean lockUnless(BooleanSupplier abandoned) {
    assert HeldRanks.mayTake(rank) : HeldRanks.complaint(rank);
    while (!lock.tryLock() && !isFreeSoon()) {
      if (abandoned.getAsBoolean()) {
        return false;
      }
    }
    assert HeldRanks.taken(rank);
    return true;
  }

  /** Takes the lock if it is free within 100 ms. */
  private boolean isFreeSoon() {
    try {
      return lock.tryLock(LOOK_MILLISECONDS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // nobody ends a worker so: this wait cannot be shorter
      lock.lock();
      return true;
    }
  }

  /** Waits for the lock of a directory below one whose lock of the same rank is held. */
  public void lockChildOf(RankedLock parent) {
    assert parent.isHeldByCurrentThread() && parent.rank == rank : "the parent's lock is not held";
    lock.lock();
    assert HeldRanks.taken(rank);
  }

  /** Gives the lock back. */
  public void unlock() {
    assert HeldRanks.released(rank);
    lock.unlock();
  }

  public boolean isHeldByCurrentThread() {
    return lock.isHeldByCurrentThread();
  }
}
