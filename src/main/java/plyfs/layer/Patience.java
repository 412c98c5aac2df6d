package plyfs.layer;

/**
 * Waits up to 2 s for a directory in use: container engines unmount lazily and mount again at once,
 * while the old mount still needs a moment to end.
 */
final class Patience {
  private static final int PAUSES = 20;
  private static final int PAUSE_MILLISECONDS = 100;

  private int left = PAUSES;

  /** Waits a little; false if the time is over. */
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
