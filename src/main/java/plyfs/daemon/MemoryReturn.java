package plyfs.daemon;

import java.util.function.IntSupplier;

/**
 * Requests one garbage collection after the kernel has forgotten many nodes and the mount is idle.
 * Only a full collection returns the memory of old objects to the system, and an idle mount would
 * never trigger one.
 */
public final class MemoryReturn {
  /** This many freed nodes are worth a collection: about 6 MiB. */
  static final int MANY = 20_000;

  private static final long BETWEEN_LOOKS_MILLIS = 5_000;

  private int most;
  private int last;

  MemoryReturn() {}

  /**
   * Checks the number of nodes periodically, in a daemon thread.
   *
   * @param nodes returns the current number of nodes
   * @param trim drops references that would keep freed nodes reachable
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
   * Checks once.
   *
   * @return whether there are at least {@link #MANY} fewer nodes than the maximum since the last
   *     requested collection, and the number has not changed since the last check
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
