package plyfs.differential;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.sys.ErrnoException;

/** The command behind {@code scripts/differential}. Exit code 1: a difference was found. */
public final class Differential {
  private static final String USAGE =
      """
      Usage: scripts/differential [--operations N] [--seed S] [--layers 1..6] [--length N]
      Does the same random operations to kernel overlayfs and to a Plyfs mount and compares.
        --operations N  in total, each is done to both (default 20000)
        --seed S        the first seed, one for each pair of mounts (default: from the clock)
        --layers N      lower layers (default: the seed decides)
        --length N      operations on one pair of mounts (default 1500)
        --shrink N      runs at most to shorten a sequence that shows a difference (default 60)
        --base DIR      where layers are made (default: /dev/shm and /var/tmp in turn)
        --options WORDS mount options for both, such as redirect_dir=off, or writeback=1 for Plyfs
                        alone (default: the seed decides)
        --moves         instead, only moves, each hundred of them in four layers over each other
        --threads N     instead, N threads on one Plyfs mount; checks what holds in any order
        --statistics    also how often each kind of operation succeeded\
      """;

  private static final int MOVES = 100;

  private int operations = 20_000;
  private long seed = System.currentTimeMillis();
  private int layers;
  private int length = 1500;
  private int shrink = 60;
  private int threads;
  private boolean moves;
  private boolean statistics;
  private @Nullable Path base;
  private @Nullable SharedOptions options;

  private Differential() {}

  /** See {@link #USAGE}. */
  public static void main(String[] args) throws IOException, ErrnoException, InterruptedException {
    Differential run = new Differential();
    if (!run.parse(args)) {
      System.err.println(USAGE);
      System.exit(2);
    }
    System.exit(run.run(System.out) ? 0 : 1);
  }

  private boolean parse(String[] args) {
    try {
      for (int i = 0; i < args.length; i += 2) {
        String value = i + 1 < args.length ? args[i + 1] : "";
        switch (args[i]) {
          case "--operations" -> operations = Integer.parseInt(value);
          case "--seed" -> seed = Long.parseLong(value);
          case "--layers" -> layers = Integer.parseInt(value);
          case "--length" -> length = Integer.parseInt(value);
          case "--shrink" -> shrink = Integer.parseInt(value);
          case "--threads" -> threads = Integer.parseInt(value);
          case "--base" -> base = Path.of(value);
          case "--options" -> options = new SharedOptions(value);
          case "--moves" -> {
            moves = true;
            i--;
          }
          case "--statistics" -> {
            statistics = true;
            i--;
          }
          default -> {
            return false;
          }
        }
      }
    } catch (NumberFormatException e) {
      return false;
    }
    return layers >= 0 && layers <= 6 && length > 0 && (base == null || Files.isDirectory(base));
  }

  private Setting setting(long next) {
    Setting usual = Setting.of(next, layers);
    return new Setting(
        base == null ? usual.parent() : base, layers, options == null ? usual.options() : options);
  }

  private boolean run(PrintStream out) throws IOException, ErrnoException, InterruptedException {
    Statistics counts = new Statistics();
    try (PlyfsProcess process = new PlyfsProcess()) {
      return threads > 0 ? runAtOnce(process, out) : run(process, counts, out);
    } finally {
      if (statistics) {
        out.print(counts);
      }
    }
  }

  private boolean runAtOnce(PlyfsProcess process, PrintStream out)
      throws IOException, ErrnoException, InterruptedException {
    long done = 0;
    for (long next = seed; done < operations; next++) {
      SharedOptions given = options == null ? new SharedOptions("") : options;
      List<String> wrong = new ConcurrentRun(process, next, threads, given).run(length);
      if (!wrong.isEmpty()) {
        out.println("seed " + next + ", " + threads + " threads:");
        wrong.forEach(line -> out.println("  " + line));
        return false;
      }
      done += (long) length * threads;
      out.println("seed " + next + ": all holds; " + done + " operations");
    }
    return true;
  }

  private boolean run(PlyfsProcess process, Statistics counts, PrintStream out)
      throws IOException, ErrnoException {
    long start = System.nanoTime();
    int done = 0;
    for (long next = seed; done < operations; next++) {
      Sequence sequence = new Sequence(process, setting(next), next);
      int operationsOfOne = moves ? MOVES : length;
      Sequence.Difference difference =
          moves
              ? sequence.exploreMoves(operationsOfOne, counts)
              : sequence.explore(operationsOfOne, counts);
      if (difference != null) {
        out.println("seed " + next + ": different after " + difference.done().size());
        out.println(report(sequence, new Shrinker(sequence, shrink).shrink(difference)));
        return false;
      }
      done += operationsOfOne;
      double seconds = (System.nanoTime() - start) / 1e9;
      out.printf(
          "seed %d: equal %s; %d operations, %.0f/s%n",
          next, sequence.setting().options().words(), done, done / seconds);
    }
    return true;
  }

  /** All that is needed to do it again. */
  static String report(Sequence sequence, Sequence.Difference difference) {
    StringBuilder out =
        new StringBuilder("seed ")
            .append(sequence.seed())
            .append(", mount options '")
            .append(sequence.setting().options().words())
            .append("'\nlower layers:\n");
    difference.layers().forEach(line -> out.append("  ").append(line).append('\n'));
    out.append("operations:\n");
    difference.done().forEach(op -> out.append("  ").append(op).append('\n'));
    return out.append(difference.what()).toString();
  }
}
