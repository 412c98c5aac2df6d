package plyfs.fuse;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Decides whether a worker polls for the next request for a short time before it sleeps. At most
 * one worker polls, and only while requests arrive in such short intervals. A burst of requests is
 * then served without waking a thread for each, and an idle mount costs nothing.
 *
 * @implNote waking a sleeping CPU takes 20 to 40 us on a virtual machine, and a worker's whole
 *     answer to a LOOKUP 2 us: docs/benchmarks/requests.md
 */
public final class BusyPolling {
  /** Workers never poll. */
  public static final BusyPolling NEVER = new BusyPolling(0);

  /** After so many unsuccessful polls in a row the workers stop polling. */
  private static final int MOST_IN_VAIN = 3;

  private final long window;
  private final AtomicBoolean isTaken = new AtomicBoolean();

  /** Only hints: concurrent writes may be lost. */
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

  /** Whether the caller may poll; if so, it must call {@link #end}. */
  boolean begin() {
    return isWorthwhile && !isTaken.get() && isTaken.compareAndSet(false, true);
  }

  /** The end of a poll that begins now, in {@link System#nanoTime}. */
  long deadline() {
    return System.nanoTime() + window;
  }

  /** The caller has stopped polling. */
  void end(boolean found) {
    if (found) {
      inVain = 0;
    } else if (++inVain >= MOST_IN_VAIN) {
      isWorthwhile = false;
      inVain = 0;
    }
    isTaken.set(false);
  }

  /** A worker slept for this time until a request came. The time includes the wake-up. */
  void slept(long nanos) {
    if (nanos < 2 * window && !isWorthwhile) {
      isWorthwhile = true;
    }
  }
}
