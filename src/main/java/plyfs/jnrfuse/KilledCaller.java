package plyfs.jnrfuse;

import java.util.function.BooleanSupplier;
import plyfs.sys.KilledThreads;

/**
 * Whether the caller of one request is being killed, for work that asks again and again. libfuse
 * keeps INTERRUPT to itself, so /proc is asked each time but the first, when nothing is done yet.
 */
final class KilledCaller implements BooleanSupplier {
  private static final KilledThreads KILLED = new KilledThreads();

  private final int thread;
  private boolean wasAsked;

  /**
   * A caller.
   *
   * @param thread its number, or 0
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
