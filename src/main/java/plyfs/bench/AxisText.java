package plyfs.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import plyfs.sys.ByteCount;

/**
 * Parses lists of sizes and depths, such as {@code 4K..1M,16M}. A range contains its ends and the
 * steps between them: sizes grow by a factor of 4, depths by a factor of 2.
 */
public final class AxisText {
  private static final int SIZE_STEP = 4;
  private static final int DEPTH_STEP = 2;
  private static final String UNITS = "KMGT";
  private static final long LARGEST_SIZE = 1L << 44;

  /** A path has at most 4095 bytes: two for each directory, and those above. */
  public static final int DEEPEST = 1024;

  private AxisText() {}

  /**
   * Parses sizes in bytes, ascending, each once.
   *
   * @throws IllegalArgumentException the message is a sentence for a person
   */
  public static List<Long> sizes(String text) {
    TreeSet<Long> sizes = new TreeSet<>();
    for (String part : text.split(",", -1)) {
      addRange(part, SIZE_STEP, AxisText::size, sizes);
    }
    return List.copyOf(sizes);
  }

  /**
   * Parses depths, ascending, each once.
   *
   * @throws IllegalArgumentException the message is a sentence for a person
   */
  public static List<Integer> depths(String text) {
    TreeSet<Long> depths = new TreeSet<>();
    for (String part : text.split(",", -1)) {
      addRange(part, DEPTH_STEP, AxisText::depth, depths);
    }
    return depths.stream().map(Long::intValue).toList();
  }

  /** The words between commas, each once, in their order. */
  public static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    for (String word : text.split(",", -1)) {
      if (word.isEmpty()) {
        throw new IllegalArgumentException("a word is empty in the list '" + text + "'");
      }
      if (!words.contains(word)) {
        words.add(word);
      }
    }
    return words;
  }

  private interface Reader {
    long read(String text);
  }

  private static void addRange(String part, int step, Reader reader, Set<Long> values) {
    int dots = part.indexOf("..");
    if (dots < 0) {
      values.add(reader.read(part));
      return;
    }
    long first = reader.read(part.substring(0, dots));
    long last = reader.read(part.substring(dots + 2));
    if (first > last) {
      throw new IllegalArgumentException(
          "the range '" + part + "' decreases: give the smaller end first");
    }
    for (long value = first; value < last; value *= step) {
      values.add(value);
    }
    values.add(last);
  }

  private static long size(String text) {
    long bytes = ByteCount.parse(text);
    if (bytes < 1 || bytes > LARGEST_SIZE) {
      throw new IllegalArgumentException("'" + text + "' is not a size from 1 byte to 16T");
    }
    return bytes;
  }

  private static long depth(String text) {
    long depth = number(text);
    if (depth < 1 || depth > DEEPEST) {
      throw new IllegalArgumentException(
          "'" + text + "' is not a depth: give a number of directories, 1 to " + DEEPEST);
    }
    return depth;
  }

  /** Parses a number; -1 if it is malformed. */
  private static long number(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  /** Formats bytes as in an argument: {@code 64K}, {@code 1G}, {@code 100}. */
  public static String size(long bytes) {
    long amount = bytes;
    int unit = -1;
    while (amount >= 1024 && amount % 1024 == 0 && unit + 1 < UNITS.length()) {
      amount /= 1024;
      unit++;
    }
    return amount + (unit < 0 ? "" : UNITS.substring(unit, unit + 1));
  }

  /** A duration with three digits and its unit: {@code 940 ns}, {@code 12.3 ms}. */
  public static String nanos(double nanos) {
    String[] units = {"ns", "\u00b5s", "ms", "s"};
    double amount = nanos;
    int unit = 0;
    while (amount >= 999.5 && unit + 1 < units.length) {
      amount /= 1000;
      unit++;
    }
    String format = amount < 9.995 ? "%.2f" : amount < 99.95 ? "%.1f" : "%.0f";
    return String.format(Locale.ROOT, unit == 0 ? "%.0f" : format, amount) + " " + units[unit];
  }

  /** A duration at a tick mark of an axis: {@code 10 ms}. */
  static String tick(double nanos) {
    return nanos(nanos).replaceFirst("\\.0+ ", " ");
  }

  /** A ratio with three digits, at most three of them after the decimal point. */
  public static String ratio(double ratio) {
    String format =
        ratio < 0.0995 ? "%.3f" : ratio < 9.995 ? "%.2f" : ratio < 99.95 ? "%.1f" : "%.0f";
    return String.format(Locale.ROOT, format, ratio);
  }
}
