package plyfs.bench;

import java.util.Arrays;

/**
 * The Mann-Whitney U test, two-sided: whether two groups of measurements come from the same
 * distribution. Exact for groups of at most {@link #EXACT} each, including ties; above that the
 * normal approximation with corrections for ties and continuity.
 */
final class MannWhitney {
  static final int EXACT = 20;

  private MannWhitney() {}

  /**
   * Probability of a difference at least as large under the null hypothesis; both groups must have
   * elements.
   */
  static double probability(double[] first, double[] second) {
    int[] ranks = doubledRanks(first, second);
    long observed = 0;
    for (int i = 0; i < first.length; i++) {
      observed += ranks[i];
    }
    return first.length <= EXACT && second.length <= EXACT
        ? exact(ranks, first.length, observed)
        : approximate(ranks, first.length, observed);
  }

  /** Twice the mean rank of each element, the first group's before the second's. */
  private static int[] doubledRanks(double[] first, double[] second) {
    double[] all = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    double[] sorted = all.clone();
    Arrays.sort(sorted);
    int[] ranks = new int[all.length];
    for (int i = 0; i < all.length; i++) {
      int below = 0;
      int equal = 0;
      for (double other : sorted) {
        below += other < all[i] ? 1 : 0;
        equal += other == all[i] ? 1 : 0;
      }
      ranks[i] = 2 * below + equal + 1;
    }
    return ranks;
  }

  /** Counts the choices of the first group by the sum of their ranks. */
  private static double exact(int[] ranks, int chosen, long observed) {
    int total = Arrays.stream(ranks).sum();
    double[][] ways = new double[chosen + 1][total + 1];
    ways[0][0] = 1;
    for (int rank : ranks) {
      for (int count = chosen; count > 0; count--) {
        for (int sum = total; sum >= rank; sum--) {
          ways[count][sum] += ways[count - 1][sum - rank];
        }
      }
    }
    // Distances from the mean, multiplied by the number of elements to be integers.
    long mean = (long) total * chosen;
    long distance = Math.abs(observed * ranks.length - mean);
    double all = 0;
    double extreme = 0;
    for (int sum = 0; sum <= total; sum++) {
      all += ways[chosen][sum];
      if (Math.abs((long) sum * ranks.length - mean) >= distance) {
        extreme += ways[chosen][sum];
      }
    }
    return extreme / all;
  }

  private static double approximate(int[] ranks, int chosen, long observed) {
    int n = ranks.length;
    int others = n - chosen;
    double mean = chosen * (n + 1) / 2.0;
    double squares = 0;
    for (int rank : ranks) {
      squares += rank * (double) rank / 4;
    }
    // The variance of the actual ranks: ties reduce it.
    double variance =
        chosen * (double) others / (n * (n - 1.0)) * (squares - n * (n + 1.0) * (n + 1.0) / 4);
    double distance = Math.abs(observed / 2.0 - mean) - 0.5;
    return variance <= 0 || distance <= 0 ? 1 : 2 * upperTail(distance / Math.sqrt(variance));
  }

  /**
   * Upper tail of the normal distribution at a point that is not negative.
   *
   * @implNote Abramowitz and Stegun 26.2.17, error below 7.5e-8
   */
  private static double upperTail(double z) {
    double t = 1 / (1 + 0.2316419 * z);
    double polynomial =
        t
            * (0.319381530
                + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
    return Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI) * polynomial;
  }
}
