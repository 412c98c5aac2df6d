package plyfs.union.node;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import plyfs.sys.ErrnoException;
import plyfs.sys.Loggers;

/** Steps that may fail, because they implement no guarantee. */
public final class BestEffort {
  private static final Logger LOG = Loggers.named("plyfs.union");

  private BestEffort() {}

  /**
   * Makes a step; a failure is logged.
   *
   * @param what it does, as in "could not ..."
   */
  public static void run(LayerChange step, String what) {
    try {
      step.run();
    } catch (ErrnoException e) {
      failed(what, e);
    }
  }

  /** Logs that a step has failed. */
  public static void failed(String what, ErrnoException e) {
    LOG.log(Level.WARNING, "could not {0}: {1}", what, e.getMessage());
  }
}
