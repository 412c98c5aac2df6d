package plyfs.cli.format;

import java.time.Duration;
import java.util.Locale;

/**
 * Sizes and ages in Docker's words.
 *
 * @implNote docker/go-units: HumanSizeWithPrecision and HumanDuration
 */
public final class Units {
  private static final String[] SIZES = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  private static final int THOUSAND = 1000;

  private Units() {}

  /** Bytes in decimal units with three digits, without zeros at the end: {@code 4.26MB}. */
  public static String size(long bytes) {
    return size(bytes, 3);
  }

  /** With four digits: {@code 4.263MB}. */
  public static String preciseSize(long bytes) {
    return size(bytes, 4);
  }

  private static String size(long bytes, int digits) {
    double amount = bytes;
    int unit = 0;
    // What would be rounded to 1000 is 1 of the next unit; Docker writes 1e+03kB there.
    while (unit + 1 < SIZES.length && rounded(amount, digits) >= THOUSAND) {
      amount /= THOUSAND;
      unit++;
    }
    return Numbers.shortest(rounded(amount, digits)) + SIZES[unit];
  }

  private static double rounded(double amount, int digits) {
    return Double.parseDouble(String.format(Locale.ROOT, "%." + (digits - 1) + "e", amount));
  }

  /** How long ago, to be followed by {@code ago}: {@code 5 seconds}, {@code About an hour}. */
  public static String age(Duration age) {
    long seconds = age.toSeconds();
    long minutes = age.toMinutes();
    long hours = Math.round(seconds / 3600.0);
    if (seconds < 1) {
      return "Less than a second";
    } else if (seconds < 60) {
      return seconds == 1 ? "1 second" : seconds + " seconds";
    } else if (minutes < 60) {
      return minutes == 1 ? "About a minute" : minutes + " minutes";
    } else if (hours < 48) {
      return hours == 1 ? "About an hour" : hours + " hours";
    } else if (hours < 24 * 7 * 2) {
      return hours / 24 + " days";
    } else if (hours < 24 * 30 * 2) {
      return hours / 24 / 7 + " weeks";
    } else if (hours < 24 * 365 * 2) {
      return hours / 24 / 30 + " months";
    }
    return age.toDays() / 365 + " years";
  }
}
