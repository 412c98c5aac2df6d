package plyfs.sys;

import java.util.concurrent.locks.ReentrantLock;

/**
 * A lock with a place in the order of all locks. Under {@code -ea}, taking one while holding
 * another of the same or a higher rank is an assertion failure, so a possible deadlock is found by
 * any test that runs the path, not only by one that meets it.
 *
 * <p>The ranks are drawn in {@code plyfs.union.Ranks}.
 */
public final class RankedLock {
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
