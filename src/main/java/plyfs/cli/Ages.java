package plyfs.cli;

import java.time.Duration;
import java.util.Locale;

/** Durations and sizes for people. */
final class Ages {
  private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB"};

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

  /** Bytes in decimal units with three digits: {@code 999B}, {@code 1.23MB}, {@code 117MB}. */
  static String size(long bytes) {
    double amount = bytes;
    int unit = 0;
    while (amount >= 999.5 && unit + 1 < UNITS.length) {
      amount /= 1000;
      unit++;
    }
    if (unit == 0) {
      return bytes + "B";
    }
    String format = amount < 9.995 ? "%.2f" : amount < 99.95 ? "%.1f" : "%.0f";
    return String.format(Locale.ROOT, format, amount) + UNITS[unit];
  }
}
