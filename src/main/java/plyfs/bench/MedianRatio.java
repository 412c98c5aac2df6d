package plyfs.bench;

import java.util.Arrays;
import java.util.Random;

/**
 * The ratio of two medians, with the 95 % percentile interval of a bootstrap.
 *
 * @param ratio of the second median to the first
 * @param low lower end of the interval
 * @param high upper end of the interval
 */
record MedianRatio(double ratio, double low, double high) {
  private static final int RESAMPLES = 2000;

  static MedianRatio of(double[] first, double[] second) {
    Random random = new Random(1);
    double[] ratios = new double[RESAMPLES];
    for (int i = 0; i < RESAMPLES; i++) {
      ratios[i] = median(resampled(second, random)) / median(resampled(first, random));
    }
    Arrays.sort(ratios);
    return new MedianRatio(
        median(second.clone()) / median(first.clone()),
        Statistics.quantile(ratios, 0.025),
        Statistics.quantile(ratios, 0.975));
  }

  private static double[] resampled(double[] values, Random random) {
    double[] drawn = new double[values.length];
    for (int i = 0; i < drawn.length; i++) {
      drawn[i] = values[random.nextInt(values.length)];
    }
    return drawn;
  }

  /** Sorts its argument. */
  private static double median(double[] values) {
    Arrays.sort(values);
    return Statistics.quantile(values, 0.5);
  }
}
