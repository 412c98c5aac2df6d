package plyfs.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import plyfs.sys.ErrnoException;

/**
 * Measures one point with all engines. Each round measures every engine once, in a new random
 * order, so that a disturbance of the machine affects all engines.
 */
final class GroupRun {
  private final List<Engine> engines;
  private final RoundBudget budget;
  private final BenchListener listener;
  private final BooleanSupplier interrupted;
  private final Random order;
  private final long startNanos = System.nanoTime();

  GroupRun(
      List<Engine> engines,
      RoundBudget budget,
      BenchListener listener,
      BooleanSupplier interrupted,
      long seed) {
    this.engines = engines;
    this.budget = budget;
    this.listener = listener;
    this.interrupted = interrupted;
    this.order = new Random(seed);
  }

  /** The results of one engine so far. */
  private static final class Collected {
    final List<Sample> samples = new ArrayList<>();
    @Nullable String failure;
  }

  /** How an engine copies at a point. */
  private record Way(@Nullable SortedMap<String, Integer> calls, CopyMethod method) {}

  /** Measures cold and warm; less after an interruption. */
  List<CaseResult> measure(String fs, Point point, SampleTaker taker, boolean traces) {
    Map<String, Way> ways = new HashMap<>();
    if (!interrupted.getAsBoolean()) {
      ways = observe(point, taker, traces);
    }
    List<CaseResult> results = new ArrayList<>();
    for (Temperature temperature : Temperature.values()) {
      if (interrupted.getAsBoolean()) {
        break;
      }
      int rounds = budget.next(seconds());
      Map<String, Collected> collected = rounds(point, temperature, taker, rounds);
      budget.done(rounds);
      List<CaseResult> group = resultsOf(fs, point, temperature, collected, ways);
      show(point, temperature, group);
      results.addAll(group);
    }
    return results;
  }

  private double seconds() {
    return (System.nanoTime() - startNanos) / 1e9;
  }

  private Map<String, Way> observe(Point point, SampleTaker taker, boolean traces) {
    Map<String, Way> ways = new HashMap<>();
    for (Engine engine : engines) {
      if (interrupted.getAsBoolean()) {
        break;
      }
      listener.progress(point + ", " + engine.name() + ": counting system calls");
      try {
        SampleTaker.Observed observed = taker.observe(engine, point, traces);
        List<StraceText.Call> calls = observed.calls();
        ways.put(
            engine.name(),
            new Way(calls == null ? null : StraceText.counts(calls), observed.method()));
      } catch (IOException | ErrnoException e) {
        if (!interrupted.getAsBoolean()) {
          listener.notice(point + ", " + engine.name() + ", not seen: " + CopyUpBench.sentence(e));
        }
      }
    }
    return ways;
  }

  private Map<String, Collected> rounds(
      Point point, Temperature temperature, SampleTaker taker, int rounds) {
    Map<String, Collected> collected = new LinkedHashMap<>();
    engines.forEach(engine -> collected.put(engine.name(), new Collected()));
    for (int round = 1; round <= rounds; round++) {
      List<Engine> shuffled = new ArrayList<>(engines);
      Collections.shuffle(shuffled, order);
      for (Engine engine : shuffled) {
        if (interrupted.getAsBoolean()) {
          return collected;
        }
        Collected one = collected.getOrDefault(engine.name(), new Collected());
        if (one.failure != null) {
          continue;
        }
        listener.progress(
            String.format(
                "%s, %s, %s, round %d of %d%s",
                point, temperature.word(), engine.name(), round, rounds, timeLeft()));
        try {
          one.samples.add(taker.take(engine, point, temperature));
        } catch (IOException | ErrnoException e) {
          // An interruption also reaches the programs that mount.
          one.failure = interrupted.getAsBoolean() ? null : CopyUpBench.sentence(e);
        }
      }
    }
    return collected;
  }

  private String timeLeft() {
    long left = budget.secondsLeft(seconds());
    return left < 0 ? "" : ", about " + left + " s left";
  }

  private List<CaseResult> resultsOf(
      String fs,
      Point point,
      Temperature temperature,
      Map<String, Collected> collected,
      Map<String, Way> ways) {
    List<CaseResult> results = new ArrayList<>();
    collected.forEach(
        (engine, one) -> {
          if (one.samples.isEmpty() && one.failure == null) {
            return; // interrupted before its first sample
          }
          Way way = ways.getOrDefault(engine, new Way(null, CopyMethod.NOT_SEEN));
          IoCount io = medianIo(one.samples);
          results.add(
              new CaseResult(
                  fs,
                  point.pattern().word(),
                  point.size(),
                  point.depth(),
                  point.files(),
                  temperature.word(),
                  engine,
                  one.samples.stream().map(Sample::firstByteNanos).toList(),
                  one.samples.stream().map(Sample::durableNanos).toList(),
                  io,
                  temperature == Temperature.WARM ? way.calls() : null,
                  methodOf(way.method(), fs, point, io).word(),
                  one.failure));
        });
    return results;
  }

  /**
   * The copy method. The file after a truncation does not show whether data was copied before, but
   * the bytes written to disk do.
   */
  private static CopyMethod methodOf(CopyMethod seen, String fs, Point point, IoCount io) {
    boolean isCounted = !fs.equals("tmpfs") && point.bytes() >= FileKind.SPARSE_UNIT;
    return seen == CopyMethod.NOT_SEEN
            && point.pattern() == ChangePattern.TRUNCATE
            && isCounted
            && io.diskWritten() * 2 < point.bytes()
        ? CopyMethod.NOTHING
        : seen;
  }

  private static IoCount medianIo(List<Sample> samples) {
    if (samples.isEmpty()) {
      return IoCount.NONE;
    }
    return new IoCount(
        (long) Statistics.median(samples.stream().map(s -> s.io().callsRead()).toList()),
        (long) Statistics.median(samples.stream().map(s -> s.io().callsWritten()).toList()),
        (long) Statistics.median(samples.stream().map(s -> s.io().diskRead()).toList()),
        (long) Statistics.median(samples.stream().map(s -> s.io().diskWritten()).toList()));
  }

  private void show(Point point, Temperature temperature, List<CaseResult> group) {
    CaseResult kernel =
        group.stream()
            .filter(each -> each.engine().equals(KernelEngine.NAME) && each.isMeasured())
            .findFirst()
            .orElse(null);
    listener.group(
        point + ", " + temperature.word(),
        budget.groupsDone(),
        budget.groups(),
        budget.secondsLeft(seconds()));
    for (CaseResult each : group) {
      listener.row(rowOf(each, kernel));
    }
  }

  private static BenchListener.Row rowOf(CaseResult result, @Nullable CaseResult kernel) {
    if (!result.isMeasured()) {
      return new BenchListener.Row(result.engine(), "", "", "", "", "", result.failure());
    }
    Statistics firstByte = result.firstByte();
    Statistics durable = result.durable();
    return new BenchListener.Row(
        result.engine(),
        withSpread(firstByte),
        ratio(result, firstByte, kernel == null ? null : kernel.firstByte()),
        withSpread(durable),
        ratio(result, durable, kernel == null ? null : kernel.durable()),
        result.method(),
        result.failure());
  }

  private static String ratio(CaseResult result, Statistics own, @Nullable Statistics kernel) {
    if (kernel == null) {
      return "";
    }
    return result.engine().equals(KernelEngine.NAME)
        ? AxisText.ratio(1)
        : Overlap.ratio(own, kernel);
  }

  /** The median and the quartiles; the median alone for a single sample. */
  static String withSpread(Statistics statistics) {
    String median = AxisText.nanos(statistics.median());
    if (statistics.count() == 1) {
      return median;
    }
    return median
        + " ("
        + AxisText.nanos(statistics.quartile1())
        + ".."
        + AxisText.nanos(statistics.quartile3())
        + ")";
  }
}
