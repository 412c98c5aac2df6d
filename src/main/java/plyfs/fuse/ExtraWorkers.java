package plyfs.fuse;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import plyfs.sys.ErrnoException;
import plyfs.sys.Loggers;

/**
 * Has further workers started while all are stuck, each in one request: where a layer lies on a
 * server that does not answer, requests about other files go on. They end when they are needed no
 * more.
 *
 * <p>A thread of its own looks at the workers from time to time, so requests pay nothing for it.
 */
final class ExtraWorkers implements Runnable {
  /** At most at a time. */
  static final int MOST = 32;

  private static final Logger LOG = Loggers.named("plyfs.fuse");

  private static final int LOOK_MILLISECONDS = 1000;

  private final Session session;
  private final List<Worker> regular;
  private final List<Worker> extra = new CopyOnWriteArrayList<>();
  private volatile boolean areNeeded;

  /**
   * Nothing is started yet.
   *
   * @param regular the workers that always run
   */
  ExtraWorkers(Session session, List<Worker> regular) {
    this.session = session;
    this.regular = List.copyOf(regular);
  }

  /** The thread of the session for this; ends by an interrupt. */
  @Override
  public void run() {
    try {
      while (true) {
        Thread.sleep(LOOK_MILLISECONDS);
        look();
      }
    } catch (InterruptedException e) {
      LOG.log(Level.DEBUG, "the mount is gone: nobody looks at the workers any more");
    }
  }

  /** Starts one worker if all are where they were at the last look. */
  void look() {
    boolean regularAreStuck = areStuck(regular);
    boolean extraAreStuck = areStuck(extra);
    areNeeded = regularAreStuck;
    if (!regularAreStuck || !extraAreStuck || extra.size() >= MOST) {
      return;
    }
    if (extra.isEmpty()) {
      LOG.log(
          Level.WARNING, "all {0} workers wait for a layer: starting further ones", regular.size());
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
      all &= worker.isStuckSinceLastLook(); // of each, for the next look
    }
    return all;
  }

  void started(Worker worker) {
    extra.add(worker);
  }

  void ended(Worker worker) {
    extra.remove(worker);
  }

  /** Whether an extra worker that has answered its request is to take another. */
  boolean areNeeded() {
    return areNeeded;
  }

  /** How many run. */
  int count() {
    return extra.size();
  }
}
