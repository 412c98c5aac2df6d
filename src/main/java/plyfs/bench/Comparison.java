package plyfs.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import plyfs.bench.CaseResult.CaseKey;

/**
 * The differences between two runs beyond noise: cases for which the Mann-Whitney U test gives a
 * probability below {@link #PROBABILITY} and the medians differ by {@link #DIFFERENCE} or more.
 *
 * @param notes sentences about differences between the runs as a whole
 * @param changes ordered by ratio, the largest first
 * @param summary one sentence
 */
public record Comparison(List<String> notes, List<Change> changes, String summary) {
  static final double PROBABILITY = 0.01;
  static final double DIFFERENCE = 0.05;

  /** With fewer samples even complete separation has a probability above the threshold. */
  static final int FEWEST = 5;

  /**
   * A changed time of one case.
   *
   * @param time {@code first byte} or {@code durable}
   * @param before median, nanoseconds
   * @param after median, nanoseconds
   */
  public record Change(
      CaseKey key,
      String time,
      double before,
      double after,
      MedianRatio ratio,
      double probability) {
    /** Cells of a table. */
    public String[] cells() {
      return new String[] {
        key.toString(),
        time,
        AxisText.nanos(before),
        AxisText.nanos(after),
        AxisText.ratio(ratio.ratio()),
        AxisText.ratio(ratio.low()) + ".." + AxisText.ratio(ratio.high()),
        String.format(Locale.ROOT, "%.4f", probability)
      };
    }
  }

  /** Compares the cases that are in both runs. */
  public static Comparison of(BenchRun before, BenchRun after) {
    Map<CaseKey, CaseResult> old = before.byKey();
    Counter counter = new Counter();
    List<Change> changes = new ArrayList<>();
    for (CaseResult now : after.cases()) {
      CaseResult then = old.get(now.key());
      if (then == null || !then.isMeasured() || !now.isMeasured()) {
        counter.onlyInOne++;
      } else {
        compare(now.key(), "first byte", then.firstByteNanos(), now.firstByteNanos(), counter)
            .ifPresent(changes::add);
        compare(now.key(), "durable", then.durableNanos(), now.durableNanos(), counter)
            .ifPresent(changes::add);
      }
    }
    counter.onlyInOne += (int) missingIn(after, before);
    changes.sort(Comparator.comparingDouble(change -> -Math.abs(Math.log(change.ratio().ratio()))));
    return new Comparison(notes(before, after), changes, counter.summary(changes.size()));
  }

  private static long missingIn(BenchRun after, BenchRun before) {
    Map<CaseKey, CaseResult> now = after.byKey();
    return before.cases().stream().filter(each -> !now.containsKey(each.key())).count();
  }

  private static final class Counter {
    int compared;
    int undecided;
    int onlyInOne;

    String summary(int changed) {
      return String.format(
          Locale.ROOT,
          "%d of %d times changed (Mann-Whitney p < %.2f and medians %.0f %% apart or more; by chance"
              + " alone about %.1f would pass the test); %d not decided, with fewer than %d samples;"
              + " %d cases in one run only",
          changed,
          compared,
          PROBABILITY,
          DIFFERENCE * 100,
          compared * PROBABILITY,
          undecided,
          FEWEST,
          onlyInOne);
    }
  }

  private static Optional<Change> compare(
      CaseKey key, String time, List<Long> before, List<Long> after, Counter counter) {
    if (before.size() < FEWEST || after.size() < FEWEST) {
      counter.undecided++;
      return Optional.empty();
    }
    counter.compared++;
    double[] old = before.stream().mapToDouble(Long::doubleValue).toArray();
    double[] now = after.stream().mapToDouble(Long::doubleValue).toArray();
    double probability = MannWhitney.probability(old, now);
    MedianRatio ratio = MedianRatio.of(old, now);
    boolean isLarge = Math.abs(ratio.ratio() - 1) >= DIFFERENCE;
    return probability < PROBABILITY && isLarge
        ? Optional.of(
            new Change(
                key, time, Statistics.median(before), Statistics.median(after), ratio, probability))
        : Optional.empty();
  }

  private static List<String> notes(BenchRun before, BenchRun after) {
    List<String> notes = new ArrayList<>();
    note(notes, "command", before.measured(), after.measured());
    note(notes, "machine", before.machine().inWords(), after.machine().inWords());
    for (BenchRun.EngineInfo engine : after.engines()) {
      before.engines().stream()
          .filter(other -> other.name().equals(engine.name()))
          .forEach(other -> note(notes, engine.name(), other.description(), engine.description()));
    }
    return notes;
  }

  private static void note(List<String> notes, String what, String before, String after) {
    if (!before.equals(after)) {
      notes.add(what + " differs: '" + before + "' before, '" + after + "' after");
    }
  }
}
