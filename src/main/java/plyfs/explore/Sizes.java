package plyfs.explore;

import java.util.Locale;

/** Formats sizes for a person. */
public final class Sizes {
  private static final String[] UNITS = {"B", "kB", "MB", "GB", "TB", "PB"};

  private Sizes() {}

  /** Bytes in decimal units with three digits: {@code 999B}, {@code 1.23MB}, {@code 117MB}. */
  public static String of(long bytes) {
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
