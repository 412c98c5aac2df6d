package plyfs.sys;

import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * A read-write lock with a rank in the order of all locks: see {@link RankedLock}. Not reentrant in
 * either mode.
 */
public final class RankedReadWriteLock {
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private final int rank;

  /**
   * A lock.
   *
   * @param rank 1 to 99; locks are taken in rising order
   */
  public RankedReadWriteLock(int rank) {
    this.rank = rank;
  }

  /** Waits until no thread writes. */
  public void lockRead() {
    assert HeldRanks.mayTake(rank) : HeldRanks.complaint(rank);
    lock.readLock().lock();
    assert HeldRanks.taken(rank);
  }

  /** Ends {@link #lockRead}. */
  public void unlockRead() {
    assert HeldRanks.released(rank);
    lock.readLock().unlock();
  }

  /** Waits until no thread reads or writes. */
  public void lockWrite() {
    assert HeldRanks.mayTake(rank) : HeldRanks.complaint(rank);
    lock.writeLock().lock();
    assert HeldRanks.taken(rank);
  }

  /** Ends {@link #lockWrite}. */
  public void unlockWrite() {
    assert HeldRanks.released(rank);
    lock.writeLock().unlock();
  }

  public boolean isWriteHeldByCurrentThread() {
    return lock.isWriteLockedByCurrentThread();
  }
}
