package plyfs.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * A logarithmic axis: maps values to positions.
 *
 * @param low value at {@code from}
 * @param high value at {@code to}, above {@code low}
 */
record LogScale(double low, double high, double from, double to) {
  private static final double MARGIN = 1.25;
  private static final double FEW_DECADES = 1.6;

  /** A scale that covers the values with a margin at both ends. */
  static LogScale covering(double smallest, double largest, double from, double to) {
    return new LogScale(smallest / MARGIN, largest * MARGIN, from, to);
  }

  double at(double value) {
    return from + (to - from) * Math.log(value / low) / Math.log(high / low);
  }

  /** Powers of ten in the range, and their multiples by two and five if there are few. */
  List<Double> ticks() {
    double[] steps =
        Math.log10(high / low) < FEW_DECADES ? new double[] {1, 2, 5} : new double[] {1};
    List<Double> ticks = new ArrayList<>();
    for (double decade = Math.pow(10, Math.floor(Math.log10(low))); decade <= high; decade *= 10) {
      for (double step : steps) {
        if (decade * step >= low && decade * step <= high) {
          ticks.add(decade * step);
        }
      }
    }
    return ticks;
  }
}
