package plyfs.fuse;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Whether the workers of a mount look for the next request for a short time before they sleep. One
 * of them at a time does, and only while requests follow each other within that time: a burst of
 * requests is then served without waking anybody for each, and a quiet mount costs nothing.
 *
 * @implNote waking a sleeping CPU takes 20 to 40 us on a virtual machine, and a worker's whole
 *     answer to a LOOKUP 2 us: docs/benchmarks/requests.md
 */
public final class BusyPolling {
  /** No worker does. */
  public static final BusyPolling NEVER = new BusyPolling(0);

  /** So often in a row nothing may come before it is thought to be no use any more. */
  private static final int MOST_IN_VAIN = 3;

  private final long window;
  private final AtomicBoolean isTaken = new AtomicBoolean();

  /** Hints; threads may overwrite each other's. */
  private volatile boolean isWorthwhile;

  private int inVain;

  private BusyPolling(long nanos) {
    this.window = nanos;
  }

  /**
   * Polling for a time.
   *
   * @param micros longest time without a request, 0 for never
   */
  public static BusyPolling forMicros(int micros) {
    return micros == 0 ? NEVER : new BusyPolling(1000L * micros);
  }

  boolean isNever() {
    return window == 0;
  }

  /** Whether the caller is the one to poll; then it calls {@link #end}. */
  boolean begin() {
    return isWorthwhile && !isTaken.get() && isTaken.compareAndSet(false, true);
  }

  /** When whoever begins now gives up, in {@link System#nanoTime}. */
  long deadline() {
    return System.nanoTime() + window;
  }

  /** The caller polls no more. */
  void end(boolean found) {
    if (found) {
      inVain = 0;
    } else if (++inVain >= MOST_IN_VAIN) {
      isWorthwhile = false;
      inVain = 0;
    }
    isTaken.set(false);
  }

  /** A worker slept until a request came. Waking up is part of the time. */
  void slept(long nanos) {
    if (nanos < 2 * window && !isWorthwhile) {
      isWorthwhile = true;
    }
  }
}
