package plyfs.sys;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/**
 * What is taken back when an operation fails in the middle. The form is the same everywhere; the
 * compiler knows which exceptions {@code throw e} can throw, and nothing is allocated unless there
 * is a failure:
 *
 * <pre>{@code
 * LayerRef file = upper.prepareFile();
 * try {
 *   write(file);
 *   return file;
 * } catch (Throwable e) {
 *   upper.discard(file);
 *   throw e;
 * }
 * }</pre>
 *
 * <p>A step back that may fail itself goes through {@link #after}.
 */
public final class Undo {
  private static final Logger LOG = Loggers.named("plyfs.sys");

  private Undo() {}

  /** One step back. */
  @FunctionalInterface
  public interface Step {
    void run() throws Exception;
  }

  /**
   * Takes a step back after a failure, which stays the one that the caller is told of. If the step
   * fails too, that is logged, and added to the first failure.
   *
   * @param failure what the caller throws next
   */
  public static void after(Throwable failure, Step back) {
    try {
      back.run();
    } catch (Throwable e) {
      if (e != failure) { // one ErrnoException serves all failures with its number
        failure.addSuppressed(e);
      }
      LOG.log(Level.WARNING, "cannot take back what was done before {0}: {1}", failure, e);
    }
  }
}
