package plyfs.cli;

import java.time.Duration;
import plyfs.explore.Sizes;

/** Durations and sizes for people. */
final class Ages {
  private Ages() {}

  /** The largest whole unit: {@code 5 seconds}, {@code 1 hour}, {@code 3 weeks}. */
  static String about(Duration age) {
    long seconds = Math.max(0, age.toSeconds());
    long days = seconds / 86_400;
    if (seconds < 60) {
      return count(seconds, "second");
    } else if (seconds < 3_600) {
      return count(seconds / 60, "minute");
    } else if (days < 1) {
      return count(seconds / 3_600, "hour");
    } else if (days < 14) {
      return count(days, "day");
    } else if (days < 60) {
      return count(days / 7, "week");
    } else if (days < 730) {
      return count(days / 30, "month");
    }
    return count(days / 365, "year");
  }

  private static String count(long number, String unit) {
    return number + " " + unit + (number == 1 ? "" : "s");
  }

  /** See {@link Sizes#of}. */
  static String size(long bytes) {
    return Sizes.of(bytes);
  }
}
