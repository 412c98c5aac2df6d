package plyfs.sys;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;

/**
 * A lock with a rank in the order of all locks. With {@code -ea}, it is an assertion failure to
 * take a lock while holding another of the same or a higher rank. So any test that runs the path
 * detects a possible deadlock, not only one that happens to deadlock.
 *
 * <p>{@code plyfs.union.node.Ranks} lists the ranks.
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
   * Waits for the lock until the work is abandoned.
   *
   * @param abandoned polled every 100 ms while another thread holds the lock
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

  /** Tries to take the lock for 100 ms. */
  private boolean isFreeSoon() {
    try {
      return lock.tryLock(LOOK_MILLISECONDS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // no code ends a worker by an interrupt, so keep waiting
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

  /** Releases the lock. */
  public void unlock() {
    assert HeldRanks.released(rank);
    lock.unlock();
  }

  public boolean isHeldByCurrentThread() {
    return lock.isHeldByCurrentThread();
  }
}
