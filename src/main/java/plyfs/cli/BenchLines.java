package plyfs.cli;

import org.jspecify.annotations.Nullable;
import plyfs.bench.BenchListener;
import plyfs.bench.BenchRun;
import plyfs.bench.FirstWrite;
import plyfs.bench.Temperature;

/** Prints the progress of a run: a table on standard output, everything else on standard error. */
final class BenchLines implements BenchListener {
  private static final String CLEAR = "\r\033[K";

  private final boolean terminal = Boolean.getBoolean("plyfs.terminal");
  private boolean isFirst = true;
  private boolean hasHeading;

  @Override
  public void notice(String sentence) {
    clear();
    Console.complain(sentence);
  }

  @Override
  public void fileSystem(String title) {
    clear();
    if (isFirst) {
      line(Temperature.IN_ONE_LINE);
      isFirst = false;
    }
    line("");
    line("== " + title);
    hasHeading = false;
  }

  @Override
  public void group(String title, int done, int total, long secondsLeft) {
    clear();
    line("");
    String left = secondsLeft < 0 ? "" : ", " + duration(secondsLeft) + " left";
    line(title + "   [" + done + " of " + total + left + "]");
    if (!hasHeading) {
      row("engine", "first byte: median (quartiles)", "x kernel", "durable", "x kernel", "method");
      hasHeading = true;
    }
  }

  private static String duration(long seconds) {
    return seconds < 60 ? "about " + seconds + " s" : "about " + (seconds + 30) / 60 + " min";
  }

  @Override
  public void row(Row row) {
    @Nullable String failure = row.failure();
    String end = failure == null ? row.method() : "failed: " + failure;
    row(
        row.engine(),
        row.firstByte(),
        row.firstByteToKernel(),
        row.durable(),
        row.durableToKernel(),
        end);
  }

  private static void row(String... cells) {
    line(String.format("  %-24s  %-32s %8s   %-32s %8s   %s", (Object[]) cells).stripTrailing());
  }

  private static void line(String text) {
    Console.OUT.println(text);
    Console.OUT.flush();
  }

  @Override
  public void progress(String text) {
    if (terminal) {
      Console.status(CLEAR + text);
    }
  }

  /** Prints the conclusion of a run. */
  void end(BenchRun run) {
    clear();
    @Nullable String firstWrite = FirstWrite.inWords(run);
    if (firstWrite != null) {
      line("");
      line(firstWrite);
    }
  }

  /** Clears the progress line. */
  void clear() {
    if (terminal) {
      Console.status(CLEAR);
    }
  }
}
