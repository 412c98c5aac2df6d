package plyfs.fuse;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.IntPredicate;

/**
 * The requests in work, so that INTERRUPT finds the one it means. Nothing is allocated per request,
 * and no lock is taken: every {@link Request} object carries the unique that it serves now.
 *
 * <p>INTERRUPT may be read by one worker before another has begun the request that it means,
 * although the kernel sent that first. Then it is remembered here, and {@link #begin} looks.
 */
final class InFlight {
  /**
   * Early ones that are remembered; more than there can be in practice, and lost ones come again.
   */
  private static final int EARLY = 16;

  /** Requests carry even uniques of at least 2. */
  private static final long EMPTY = 0;

  private final List<Request> slots = new CopyOnWriteArrayList<>();
  private final AtomicLongArray early = new AtomicLongArray(EARLY);
  private final AtomicInteger earlyCount = new AtomicInteger();
  private final IntPredicate killed;
  private volatile boolean isOver;

  /**
   * Nothing is in work yet.
   *
   * @param killed which threads are being killed
   */
  InFlight(IntPredicate killed) {
    this.killed = killed;
  }

  /** The request is now in work. */
  void begin(Request request, long unique) {
    if (request.isNew()) {
      slots.add(request);
    }
    request.begin(unique, killed);
    if (earlyCount.get() != 0) {
      takeEarly(request, unique);
    }
    if (isOver) {
      request.abandon();
    }
  }

  /** The mount is gone: abandons all in work, and all that may still begin, so that they end. */
  void abandonAll() {
    isOver = true;
    for (Request request : slots) {
      request.abandon();
    }
  }

  /** The worker of this object has ended. */
  void leave(Request request) {
    slots.remove(request);
  }

  private void takeEarly(Request request, long unique) {
    for (int i = 0; i < EARLY; i++) {
      if (early.get(i) == unique && early.compareAndSet(i, unique, EMPTY)) {
        request.interruptIf(unique);
        return;
      }
    }
  }

  /**
   * Flags a request.
   *
   * @return false if it is not in work: it has been answered, or it will begin and then be flagged
   */
  boolean interrupt(long unique) {
    if (flag(unique)) {
      return true;
    }
    early.set(Math.floorMod(earlyCount.getAndIncrement(), EARLY), unique);
    // It may have begun, and looked for early ones, before this one was there.
    return flag(unique);
  }

  private boolean flag(long unique) {
    for (Request request : slots) {
      if (request.interruptIf(unique)) {
        return true;
      }
    }
    return false;
  }
}
