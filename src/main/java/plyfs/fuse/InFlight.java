package plyfs.fuse;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.IntPredicate;

/**
 * The requests in progress, so that INTERRUPT finds its request. A request allocates nothing and
 * takes no lock here: each {@link Request} object holds the unique that it serves now.
 *
 * <p>One worker may read INTERRUPT before another worker has begun its request, although the kernel
 * sent the request first. Then this class remembers the INTERRUPT, and {@link #begin} checks it.
 */
final class InFlight {
  /**
   * How many early INTERRUPTs are remembered: more than occur in practice, and the kernel sends a
   * lost one again.
   */
  private static final int EARLY = 16;

  /** The unique of a request is even and at least 2. */
  private static final long EMPTY = 0;

  private final List<Request> slots = new CopyOnWriteArrayList<>();
  private final AtomicLongArray early = new AtomicLongArray(EARLY);
  private final AtomicInteger earlyCount = new AtomicInteger();
  private final IntPredicate killed;
  private volatile boolean isOver;

  /**
   * No request is in progress yet.
   *
   * @param killed tells which threads are being killed
   */
  InFlight(IntPredicate killed) {
    this.killed = killed;
  }

  /** The request is now in progress. */
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

  /** The mount has ended: abandons all requests in progress, and all that may still begin. */
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
   * Flags a request as interrupted.
   *
   * @return false if it is not in progress: it was answered, or it will begin and then be flagged
   */
  boolean interrupt(long unique) {
    if (flag(unique)) {
      return true;
    }
    early.set(Math.floorMod(earlyCount.getAndIncrement(), EARLY), unique);
    // The request may have begun, and checked for early INTERRUPTs, before this one was stored.
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
