package plyfs.union.node;

import java.util.concurrent.atomic.AtomicLong;
import plyfs.sys.Errno;

/**
 * What went wrong in making one file durable, to be told once to each open of it. The kernel tells
 * each of its descriptors, but many opens share one descriptor here.
 *
 * <p>Where opens are not known, nobody can tell which of them has heard of an error. Then one that
 * lasts, as EIO does, which says that data is lost, stays with the file; what may pass, as a lack
 * of space, is the matter of whoever asked, and of the next one if it has not passed.
 *
 * @implNote Linux lib/errseq.c
 */
public final class SyncErrors {
  private static final int ERRNO_BITS = 12;

  /** {@code count << ERRNO_BITS | errno of the last}. */
  private final AtomicLong all = new AtomicLong();

  /** The same of those that last. */
  private final AtomicLong lasting = new AtomicLong();

  /** Another value after each error; 0 before the first. */
  long state() {
    return all.get();
  }

  /** Another value after each error that lasts; 0 before the first. */
  long stateOfLasting() {
    return lasting.get();
  }

  /** The last error number before a state. */
  static int errnoOf(long state) {
    return (int) (state & (1 << ERRNO_BITS) - 1);
  }

  public void add(int errno) {
    add(all, errno);
    if (errno != Errno.ENOSPC && errno != Errno.EDQUOT) {
      add(lasting, errno);
    }
  }

  private static void add(AtomicLong state, int errno) {
    state.updateAndGet(before -> (before >>> ERRNO_BITS) + 1 << ERRNO_BITS | errno);
  }
}
