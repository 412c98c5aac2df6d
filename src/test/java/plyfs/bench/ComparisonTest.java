package plyfs.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What counts as a change, and what as noise. */
final class ComparisonTest {
  private static Comparison compare(List<Long> before, List<Long> after) {
    return Comparison.of(
        Runs.of(Runs.result("plyfs", 4096, before)), Runs.of(Runs.result("plyfs", 4096, after)));
  }

  @Test
  void slowerBeyondTheNoise_isAChange() {
    Comparison comparison = compare(Runs.around(10_000_000, 5), Runs.around(15_000_000, 5));
    assertThat(comparison.changes()).hasSize(2);
    Comparison.Change change = comparison.changes().get(0);
    assertThat(change.time()).isEqualTo("first byte");
    assertThat(change.ratio().ratio()).isEqualTo(1.5);
    assertThat(change.probability()).isLessThan(Comparison.PROBABILITY);
    assertThat(change.cells())
        .startsWith("ext4 first-byte 4K depth 1 warm plyfs", "first byte", "10.2 ms", "15.3 ms");
    assertThat(comparison.summary()).startsWith("2 of 2 times changed");
  }

  @Test
  void overlappingSamples_areNoise() {
    // Medians 30 % apart, but one sample of each group lies in the other.
    Comparison comparison =
        compare(
            List.of(100_000L, 101_000L, 102_000L, 103_000L, 190_000L),
            List.of(99_000L, 130_000L, 133_000L, 135_000L, 140_000L));
    assertThat(comparison.changes()).isEmpty();
    assertThat(comparison.summary()).startsWith("0 of 2 times changed");
  }

  @Test
  void cleanButSmallDifference_isNoChange() {
    assertThat(
            compare(
                    List.of(100_000L, 100_100L, 100_200L, 100_300L, 100_400L),
                    List.of(103_000L, 103_100L, 103_200L, 103_300L, 103_400L))
                .changes())
        .isEmpty();
  }

  @Test
  void fewSamples_areNotDecided() {
    Comparison comparison = compare(Runs.around(10_000_000, 4), Runs.around(90_000_000, 9));
    assertThat(comparison.changes()).isEmpty();
    assertThat(comparison.summary()).contains("2 not decided, with fewer than 5 samples");
  }

  @Test
  void largestChangeComesFirst_alsoWhenFaster() {
    BenchRun before =
        Runs.of(
            Runs.result("plyfs", 4096, Runs.around(10_000_000, 9)),
            Runs.result("kernel", 4096, Runs.around(40_000_000, 9)));
    BenchRun after =
        Runs.of(
            Runs.result("plyfs", 4096, Runs.around(20_000_000, 9)),
            Runs.result("kernel", 4096, Runs.around(4_000_000, 9)));
    assertThat(Comparison.of(before, after).changes())
        .extracting(change -> change.key().engine())
        .startsWith("kernel");
  }

  @Test
  void casesOfOneRunOnly_areCounted() {
    BenchRun before = Runs.of(Runs.result("plyfs", 4096, Runs.around(10_000_000, 5)));
    BenchRun after = Runs.of(Runs.result("plyfs", 8192, Runs.around(10_000_000, 5)));
    assertThat(Comparison.of(before, after).summary()).contains("2 cases in one run only");
  }

  @Test
  void sameRun_hasNoNotes() {
    assertThat(Comparison.of(Runs.full(), Runs.full()).notes()).isEmpty();
  }

  @Test
  void namesOfResultFiles_andSomeKilobytesOfMemory_areNoDifference() {
    BenchRun run = Runs.full();
    String json = run.command() + " --json %s --sizes 4K --html=%s";
    BenchRun one = with(run, json.formatted("a.json", "a.html"), 8L << 30);
    BenchRun other = with(run, json.formatted("'b c.json'", "b"), (8L << 30) - 4096 * 7);
    assertThat(Comparison.of(one, other).notes()).isEmpty();
    assertThat(Comparison.of(one, with(run, run.command() + " --sizes 8K", 4L << 30)).notes())
        .hasSize(2)
        .anySatisfy(note -> assertThat(note).contains("4.0 GiB of memory"));
  }

  private static BenchRun with(BenchRun run, String command, long memory) {
    Machine machine = run.machine();
    return new BenchRun(
        run.format(),
        command,
        run.date(),
        new Machine(
            machine.cpu(),
            machine.cpus(),
            memory,
            machine.kernel(),
            machine.java(),
            machine.program()),
        run.engines(),
        run.places(),
        run.sizes(),
        run.depths(),
        run.patterns(),
        run.patternSize(),
        run.warmUps(),
        run.leftOut(),
        run.warnings(),
        run.interrupted(),
        run.cases());
  }
}
