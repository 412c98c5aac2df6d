package plyfs.layer;

/**
 * How long what is in use is waited for, 2 s: container engines unmount lazily and mount again at
 * once, and then the mount before needs a moment to end.
 */
final class Patience {
  private static final int PAUSES = 20;
  private static final int PAUSE_MILLISECONDS = 100;

  private int left = PAUSES;

  /** Waits a little; false once it has been long enough. */
  boolean pause() {
    if (left == 0) {
      return false;
    }
    left--;
    try {
      Thread.sleep(PAUSE_MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      left = 0;
    }
    return true;
  }
}
