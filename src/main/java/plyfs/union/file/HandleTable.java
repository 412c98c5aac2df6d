package plyfs.union.file;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.RankedLock;
import plyfs.union.node.Ranks;

/**
 * Open files or directories by the handle that the kernel sends back: 1 and up; 0 is never given
 * out. Finding one takes no lock.
 *
 * @param <T> what is open
 */
public final class HandleTable<T> {
  private final RankedLock lock = new RankedLock(Ranks.TABLE);
  private final ArrayDeque<Integer> free = new ArrayDeque<>();
  private volatile @Nullable Object[] slots = new Object[64];
  private int next = 1;

  /** A handle for something that is open now. */
  long add(T open) {
    lock.lock();
    try {
      Integer reused = free.poll();
      int handle = reused != null ? reused : next++;
      if (handle >= slots.length) {
        slots = Arrays.copyOf(slots, slots.length * 2);
      }
      @Nullable Object[] current = slots;
      current[handle] = open;
      slots = current; // a volatile write, so that readers of the array see the element
      return handle;
    } finally {
      lock.unlock();
    }
  }

  /**
   * What a handle stands for.
   *
   * @throws ErrnoException EBADF
   */
  T get(long handle) throws ErrnoException {
    T open = find(handle);
    if (open == null) {
      throw ErrnoException.of(Errno.EBADF);
    }
    return open;
  }

  /** What a handle stands for, or null. */
  @SuppressWarnings("unchecked") // only add() writes elements
  @Nullable T find(long handle) {
    @Nullable Object[] current = slots;
    return handle <= 0 || handle >= current.length ? null : (T) current[(int) handle];
  }

  /** Ends a handle; what it stood for, or null if it was not open. */
  @Nullable T remove(long handle) {
    lock.lock();
    try {
      T open = find(handle);
      if (open != null) {
        slots[(int) handle] = null;
        free.add((int) handle);
      }
      return open;
    } finally {
      lock.unlock();
    }
  }

  /** The handles that are open now. */
  LongStream handles() {
    @Nullable Object[] current = slots;
    return LongStream.range(1, current.length).filter(handle -> current[(int) handle] != null);
  }

  /** How many handles are open. */
  int size() {
    lock.lock();
    try {
      return next - 1 - free.size();
    } finally {
      lock.unlock();
    }
  }
}
