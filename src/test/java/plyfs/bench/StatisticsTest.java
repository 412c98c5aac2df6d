package plyfs.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

/** Medians, quartiles, the test of Mann and Whitney, intervals. */
final class StatisticsTest {
  @Test
  void of_quartilesLieBetweenNeighbours() {
    Statistics statistics = Statistics.of(List.of(40L, 10L, 30L, 20L));
    assertThat(statistics).isEqualTo(new Statistics(4, 10, 17.5, 25, 32.5, 40));
    assertThat(Statistics.of(List.of(7L))).isEqualTo(new Statistics(1, 7, 7, 7, 7, 7));
    assertThatThrownBy(() -> Statistics.of(List.of())).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void mannWhitney_separatedGroups_haveTheExactProbability() {
    // Two of the C(10,5) = 252 ways to choose a group are as extreme.
    double[] low = {1, 2, 3, 4, 5};
    double[] high = {11, 12, 13, 14, 15};
    assertThat(MannWhitney.probability(low, high)).isCloseTo(2 / 252.0, within(1e-12));
    assertThat(MannWhitney.probability(high, low)).isCloseTo(2 / 252.0, within(1e-12));
    // C(8,4) = 70: four samples on a side cannot be below 0.01.
    assertThat(MannWhitney.probability(new double[] {1, 2, 3, 4}, new double[] {5, 6, 7, 8}))
        .isCloseTo(2 / 70.0, within(1e-12));
  }

  @Test
  void mannWhitney_tiesAndEqualGroups() {
    double[] same = {3, 3, 3, 3, 3};
    assertThat(MannWhitney.probability(same, same)).isEqualTo(1);
    // By hand: of the C(4,2) = 6 choices from 1 1 2 3 those with {1,1} and {2,3} are as extreme.
    assertThat(MannWhitney.probability(new double[] {1, 1}, new double[] {2, 3}))
        .isCloseTo(2 / 6.0, within(1e-12));
  }

  @Test
  void mannWhitney_largeGroups_agreeWithTheExactTest() {
    double[] first = DoubleStream.iterate(0, x -> x + 2).limit(20).toArray();
    double[] second = DoubleStream.iterate(9, x -> x + 2).limit(20).toArray();
    double exact = MannWhitney.probability(first, second);
    double[] more = DoubleStream.concat(DoubleStream.of(first), DoubleStream.of(19.5)).toArray();
    assertThat(MannWhitney.probability(more, second)).isCloseTo(exact, within(0.02));
    assertThat(exact).isBetween(0.001, 0.05);
  }

  @Test
  void medianRatio_intervalCoversTheRatio() {
    double[] before = {100, 101, 102, 103, 104};
    double[] after = {200, 202, 204, 206, 208};
    MedianRatio ratio = MedianRatio.of(before, after);
    assertThat(ratio.ratio()).isEqualTo(2);
    assertThat(ratio.low()).isBetween(1.9, 2.0);
    assertThat(ratio.high()).isBetween(2.0, 2.1);
    assertThat(MedianRatio.of(before, after)).isEqualTo(ratio);
  }

  @Test
  void roundBudget_fitsRoundsIntoTheTime() {
    RoundBudget fixed = new RoundBudget(7, 10);
    assertThat(fixed.next(1000)).isEqualTo(7);
    RoundBudget budget = new RoundBudget(0, 10);
    assertThat(budget.next(0)).isEqualTo(RoundBudget.FEWEST);
    budget.done(3);
    // One second a round, 162 for nine groups.
    assertThat(budget.next(3)).isEqualTo(RoundBudget.MOST);
    assertThat(budget.secondsLeft(3)).isEqualTo(27);
    assertThat(budget.next(30)).isEqualTo(RoundBudget.FEWEST);
    assertThat(budget.next(8)).isEqualTo(6);
    assertThat(budget.next(500)).isEqualTo(RoundBudget.FEWEST);
  }
}
