package plyfs.union.name;

/**
 * The time of the last deletion. A deleted file keeps its space until the kernel forgets its node,
 * because a program may have it open, and the kernel sends FORGET a moment after the deletion. A
 * program that deletes a file on a full disk and then writes must not get ENOSPC.
 */
public final class Deletions {
  private static final long MOMENT_NANOS = 50_000_000;
  private static final long STEP_MILLIS = 2;

  private volatile long last = System.nanoTime() - MOMENT_NANOS;

  public void noted() {
    last = System.nanoTime();
  }

  /**
   * Waits for space that may become free; false if no deletion is that young, or if interrupted.
   */
  public boolean awaitSpace() {
    if (System.nanoTime() - last > MOMENT_NANOS) {
      return false;
    }
    try {
      Thread.sleep(STEP_MILLIS);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
