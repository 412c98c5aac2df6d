package plyfs.union;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What went wrong in making one file durable, to be told once to each open of it. The kernel tells
 * each of its descriptors, but many opens share one descriptor here.
 *
 * @implNote Linux lib/errseq.c
 */
final class SyncErrors {
  private static final int ERRNO_BITS = 12;

  /** {@code count << ERRNO_BITS | errno of the last}. */
  private final AtomicLong state = new AtomicLong();

  /** Another value after each error; 0 before the first. */
  long state() {
    return state.get();
  }

  /** The last error number before a state. */
  static int errnoOf(long state) {
    return (int) (state & (1 << ERRNO_BITS) - 1);
  }

  void add(int errno) {
    state.updateAndGet(before -> (before >>> ERRNO_BITS) + 1 << ERRNO_BITS | errno);
  }
}
