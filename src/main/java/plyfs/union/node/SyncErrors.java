package plyfs.union.node;

import java.util.concurrent.atomic.AtomicLong;
import plyfs.sys.Errno;

/**
 * The sync errors of one file, which each open must get once. The kernel reports an error once to
 * each descriptor, but here many opens share one descriptor.
 *
 * <p>If the daemon does not see opens, it cannot know which of them has got an error. Then a
 * permanent error such as EIO, which means that data is lost, stays with the file. Only the caller
 * of the fsync gets a temporary error such as a lack of space.
 *
 * @implNote Linux lib/errseq.c
 */
public final class SyncErrors {
  private static final int ERRNO_BITS = 12;

  /** {@code count << ERRNO_BITS | errno of the last}. */
  private final AtomicLong all = new AtomicLong();

  /** The same for permanent errors. */
  private final AtomicLong lasting = new AtomicLong();

  /** Changes with each error; 0 before the first. */
  long state() {
    return all.get();
  }

  /** Changes with each permanent error; 0 before the first. */
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
