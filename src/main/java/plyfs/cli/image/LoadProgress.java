package plyfs.cli.image;

import plyfs.cli.Ages;
import plyfs.cli.Console;
import plyfs.image.model.ProgressListener;

/**
 * Shows on a terminal how far a load has come: one line that is written anew, with bytes, rate and
 * time left. Elsewhere it shows notices alone.
 */
final class LoadProgress implements ProgressListener {
  private static final long PAUSE_NANOS = 100_000_000L;
  private static final String CLEAR = "\r\033[K";
  private static final int SHOWN_DIGITS = 12;

  private final boolean terminal;
  private long startedNanos;
  private long shownNanos;

  /** Progress on standard error, if the launcher found that to be a terminal. */
  LoadProgress() {
    terminal = Boolean.getBoolean("plyfs.terminal");
  }

  @Override
  public void layerStarted(String layer, long totalBytes) {
    startedNanos = System.nanoTime();
    shownNanos = 0;
    show(layer, 0, totalBytes);
  }

  @Override
  public void layerProgress(String layer, long doneBytes, long totalBytes) {
    if (System.nanoTime() - shownNanos >= PAUSE_NANOS) {
      show(layer, doneBytes, totalBytes);
    }
  }

  private void show(String layer, long doneBytes, long totalBytes) {
    shownNanos = System.nanoTime();
    if (terminal) {
      Console.status(CLEAR + line(layer, doneBytes, totalBytes, shownNanos - startedNanos));
    }
  }

  /** One line of progress. */
  static String line(String layer, long doneBytes, long totalBytes, long nanos) {
    StringBuilder line = new StringBuilder(shortened(layer));
    line.append(": ").append(Ages.size(doneBytes));
    if (totalBytes != UNKNOWN) {
      line.append(" of ").append(Ages.size(totalBytes));
    }
    long milliseconds = nanos / 1_000_000;
    if (doneBytes > 0 && milliseconds > 0) {
      long perSecond = doneBytes * 1000 / milliseconds;
      line.append(", ").append(Ages.size(perSecond)).append("/s");
      if (perSecond > 0 && totalBytes != UNKNOWN) {
        long left = Math.max(0, totalBytes - doneBytes) / perSecond;
        line.append(", ").append(left).append(" s left");
      }
    }
    return line.toString();
  }

  /** Twelve digits of a digest are enough for people. */
  private static String shortened(String layer) {
    int colon = layer.indexOf(':');
    int end = colon + 1 + SHOWN_DIGITS;
    return colon < 0 || layer.length() <= end ? layer : layer.substring(0, end);
  }

  @Override
  public void layerFinished(String layer, boolean alreadyPresent) {
    if (terminal) {
      String end = alreadyPresent ? "already there" : "loaded";
      Console.status(CLEAR + shortened(layer) + ": " + end + "\n");
    }
  }

  @Override
  public void notice(String sentence) {
    if (terminal) {
      Console.status(CLEAR);
    }
    Console.complain(sentence);
  }

  /** Leaves no half line behind when a load fails. */
  void clear() {
    if (terminal) {
      Console.status(CLEAR);
    }
  }
}
