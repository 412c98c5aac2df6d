package plyfs.bench;

import java.util.Collection;

/**
 * A summary of several measurements.
 *
 * @param count number of measurements, at least 1
 * @param quartile1 first quartile
 * @param quartile3 third quartile
 */
record Statistics(
    int count, double minimum, double quartile1, double median, double quartile3, double maximum) {
  /** Of at least one measurement. */
  static Statistics of(Collection<Long> values) {
    double[] sorted = values.stream().mapToDouble(Long::doubleValue).sorted().toArray();
    if (sorted.length == 0) {
      throw new IllegalArgumentException("no measurements");
    }
    return new Statistics(
        sorted.length,
        sorted[0],
        quantile(sorted, 0.25),
        quantile(sorted, 0.5),
        quantile(sorted, 0.75),
        sorted[sorted.length - 1]);
  }

  /** Interpolates linearly between neighbours (type 7 in R). */
  static double quantile(double[] sorted, double share) {
    double at = share * (sorted.length - 1);
    int below = (int) at;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }

  /** The median alone. */
  static double median(Collection<Long> values) {
    return of(values).median();
  }
}
