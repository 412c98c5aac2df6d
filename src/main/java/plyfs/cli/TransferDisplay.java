package plyfs.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import plyfs.image.model.Digest;
import plyfs.image.transfer.LayerState;
import plyfs.image.transfer.TransferListener;

/**
 * Shows layers on their way, as Docker does: on a terminal one line for each, which is written
 * anew; elsewhere a line for each state. One thread writes, whichever told.
 */
public final class TransferDisplay implements TransferListener, AutoCloseable {
  private static final long PAUSE_NANOS = 100_000_000L;
  private static final int BAR = 25;

  private final boolean isQuiet;
  private final boolean isTerminal;
  private final Map<Digest, Long> shown = new ConcurrentHashMap<>();
  private final List<Digest> lines = new ArrayList<>();
  private final Map<Digest, LayerState> states = new HashMap<>();
  private final ExecutorService writer =
      Executors.newSingleThreadExecutor(
          task -> {
            Thread thread = new Thread(task, "display");
            thread.setDaemon(true);
            return thread;
          });

  public TransferDisplay(boolean quiet) {
    isQuiet = quiet;
    isTerminal = Boolean.getBoolean("plyfs.colour"); // whether standard output is one
  }

  @Override
  public void state(Digest layer, LayerState state, String detail) {
    if (!isQuiet) {
      String text = state.words() + (detail.isEmpty() ? "" : " " + detail);
      writer.execute(() -> write(layer, state, text));
    }
  }

  @Override
  public void progress(Digest layer, LayerState state, long done, long total) {
    long now = System.nanoTime();
    Long last = shown.get(layer);
    if (isQuiet || !isTerminal || last != null && now - last < PAUSE_NANOS) {
      return;
    }
    shown.put(layer, now);
    writer.execute(() -> write(layer, state, moving(state, done, total)));
  }

  private static String moving(LayerState state, long done, long total) {
    return state.words() + " " + bar(done, total) + " " + Ages.size(done) + "/" + Ages.size(total);
  }

  /** {@code [====> ]}. */
  static String bar(long done, long total) {
    int full = total <= 0 ? BAR : (int) Math.min(BAR, done * BAR / total);
    String head = full < BAR ? ">" : "";
    return "[" + "=".repeat(full) + head + " ".repeat(BAR - full - head.length()) + "]";
  }

  private void write(Digest layer, LayerState state, String text) {
    LayerState before = states.get(layer);
    boolean isLate = state.isMoving() && before != null && before.compareTo(state) > 0;
    if (isLate) {
      return;
    }
    states.put(layer, state);
    String line = layer.shortHex() + ": " + text;
    if (!isTerminal) {
      Console.OUT.println(line);
      Console.OUT.flush();
      return;
    }
    int at = lines.indexOf(layer);
    if (at < 0) {
      lines.add(layer);
      Console.OUT.println(line);
    } else {
      int up = lines.size() - at;
      Console.OUT.print("\033[" + up + "A\r\033[2K" + line + "\033[" + up + "B\r");
    }
    Console.OUT.flush();
  }

  @Override
  public void notice(String sentence) {
    if (!isQuiet) {
      writer.execute(
          () -> {
            Console.OUT.flush();
            Console.complain(sentence);
            lines.clear(); // what was above has moved
          });
    }
  }

  /** Ends when all that was told is written. */
  @Override
  public void close() {
    writer.shutdown();
    try {
      boolean ended = writer.awaitTermination(10, TimeUnit.SECONDS);
      assert ended;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
