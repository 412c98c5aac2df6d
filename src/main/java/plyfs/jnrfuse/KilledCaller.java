package plyfs.jnrfuse;

import java.util.function.BooleanSupplier;
import plyfs.sys.KilledThreads;

/**
 * Whether the caller of a request is being killed. Long work polls this. libfuse does not pass on
 * INTERRUPT, so each poll reads /proc, except the first, when nothing is done yet.
 */
final class KilledCaller implements BooleanSupplier {
  private static final KilledThreads KILLED = new KilledThreads();

  private final int thread;
  private boolean wasAsked;

  /**
   * A caller.
   *
   * @param thread its thread id, or 0
   */
  KilledCaller(int thread) {
    this.thread = thread;
  }

  @Override
  public boolean getAsBoolean() {
    boolean isLater = wasAsked;
    wasAsked = true;
    return isLater && KILLED.test(thread);
  }
}
