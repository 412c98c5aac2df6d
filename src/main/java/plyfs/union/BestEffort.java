package plyfs.union;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import plyfs.sys.ErrnoException;

/** Steps whose failure loses nothing that anybody was promised. */
final class BestEffort {
  private static final Logger LOG = System.getLogger("plyfs.union");

  private BestEffort() {}

  /**
   * Makes a step; a failure is logged.
   *
   * @param what it does, as in "could not ..."
   */
  static void run(Step step, String what) {
    try {
      step.run();
    } catch (ErrnoException e) {
      LOG.log(Level.WARNING, "could not {0}: {1}", what, e.getMessage());
    }
  }
}
