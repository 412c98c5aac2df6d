package plyfs.cli;

import java.util.Locale;
import plyfs.explore.LayerTreeReader;

/** Shows on a terminal how far the reading of layers has come, in one line that is written anew. */
final class TreeProgress implements LayerTreeReader.Progress, AutoCloseable {
  private static final long PAUSE_NANOS = 100_000_000L;
  private static final String CLEAR = "\r\033[K";

  private final boolean terminal = Boolean.getBoolean("plyfs.terminal");
  private long shownNanos;
  private String shown = "";

  @Override
  public void reached(String what, long objects) {
    long now = System.nanoTime();
    if (terminal && (!what.equals(shown) || now - shownNanos >= PAUSE_NANOS)) {
      shownNanos = now;
      shown = what;
      Console.status(CLEAR + String.format(Locale.ROOT, "%s: %,d files", what, objects));
    }
  }

  /** Leaves no half line behind. */
  @Override
  public void close() {
    if (terminal) {
      Console.status(CLEAR);
    }
  }
}
