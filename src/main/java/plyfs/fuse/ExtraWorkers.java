package plyfs.fuse;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import plyfs.sys.ErrnoException;
import plyfs.sys.Loggers;

/**
 * Starts extra workers while all regular workers are blocked in one request each. If a layer is on
 * a server that does not answer, requests about other files are still served. Extra workers end
 * when they are no longer needed.
 *
 * <p>A separate thread checks the workers periodically, so requests have no additional cost.
 */
final class ExtraWorkers implements Runnable {
  /** The maximum number of extra workers. */
  static final int MOST = 32;

  private static final Logger LOG = Loggers.named("plyfs.fuse");

  private static final int LOOK_MILLISECONDS = 1000;

  private final Session session;
  private final List<Worker> regular;
  private final List<Worker> extra = new CopyOnWriteArrayList<>();
  private volatile boolean areNeeded;

  /**
   * Starts nothing yet.
   *
   * @param regular the workers that run permanently
   */
  ExtraWorkers(Session session, List<Worker> regular) {
    this.session = session;
    this.regular = List.copyOf(regular);
  }

  /** The body of the session's watch thread; an interrupt ends it. */
  @Override
  public void run() {
    try {
      while (true) {
        Thread.sleep(LOOK_MILLISECONDS);
        look();
      }
    } catch (InterruptedException e) {
      LOG.log(Level.DEBUG, "the mount has ended: the watch over the workers stops");
    }
  }

  /** Starts one worker if all are in the same requests as at the last check. */
  void look() {
    boolean regularAreStuck = areStuck(regular);
    boolean extraAreStuck = areStuck(extra);
    areNeeded = regularAreStuck;
    if (!regularAreStuck || !extraAreStuck || extra.size() >= MOST) {
      return;
    }
    if (extra.isEmpty()) {
      LOG.log(
          Level.WARNING,
          "all {0} workers are blocked in a layer: starting extra workers",
          regular.size());
    }
    try {
      session.startWorker(this);
    } catch (ErrnoException e) {
      LOG.log(Level.WARNING, "cannot start another worker: {0}", e.getMessage());
    }
  }

  private static boolean areStuck(List<Worker> workers) {
    boolean all = true;
    for (Worker worker : workers) {
      all &= worker.isStuckSinceLastLook(); // call it for each, for the next check
    }
    return all;
  }

  void started(Worker worker) {
    extra.add(worker);
  }

  void ended(Worker worker) {
    extra.remove(worker);
  }

  /** Whether an extra worker that has replied should take another request. */
  boolean areNeeded() {
    return areNeeded;
  }

  /** The number of extra workers that run. */
  int count() {
    return extra.size();
  }
}
