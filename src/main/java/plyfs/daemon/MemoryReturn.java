package plyfs.daemon;

import java.util.function.IntSupplier;

/**
 * Has the collector run once after the kernel has forgotten a great many nodes and the mount has
 * come to rest: only a full collection gives the memory of old objects back to the system, and
 * without new ones none would come.
 */
public final class MemoryReturn {
  /** So many nodes are worth a collection: some 6 MiB. */
  static final int MANY = 20_000;

  private static final long BETWEEN_LOOKS_MILLIS = 5_000;

  private int most;
  private int last;

  MemoryReturn() {}

  /**
   * Looks from time to time, in a thread that does not keep the process.
   *
   * @param nodes how many there are now
   * @param trim lets go of what the collector would find in use
   */
  public static void watch(IntSupplier nodes, Runnable trim) {
    Thread thread = new Thread(() -> look(nodes, trim), "plyfs-memory");
    thread.setDaemon(true);
    thread.start();
  }

  private static void look(IntSupplier nodes, Runnable trim) {
    MemoryReturn memory = new MemoryReturn();
    try {
      while (true) {
        Thread.sleep(BETWEEN_LOOKS_MILLIS);
        if (memory.isWorthCollecting(nodes.getAsInt())) {
          trim.run();
          System.gc();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Takes a look.
   *
   * @return whether there are {@link #MANY} nodes fewer than at most since the last collection that
   *     this asked for, and as many as at the last look
   */
  boolean isWorthCollecting(int nodes) {
    boolean rests = nodes == last;
    last = nodes;
    most = Math.max(most, nodes);
    if (!rests || most - nodes < MANY) {
      return false;
    }
    most = nodes;
    return true;
  }
}
