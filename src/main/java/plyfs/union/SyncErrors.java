package plyfs.union;

/**
 * What went wrong in making one file durable, to be told once to each open of it. The kernel tells
 * each of its descriptors, but many opens share one descriptor here.
 *
 * @implNote Linux lib/errseq.c
 */
final class SyncErrors {
  private volatile int count;
  private volatile int last;

  /** How many there have been. */
  int count() {
    return count;
  }

  /** The last one, a positive error number; 0 if there was none. */
  int last() {
    return last;
  }

  synchronized void add(int errno) {
    last = errno;
    count++;
  }
}
