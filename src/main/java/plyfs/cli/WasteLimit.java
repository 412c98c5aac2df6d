package plyfs.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much of an image may be wasted: bytes with a decimal unit, or a part.
 *
 * @param amount bytes or per cent
 * @param isPart whether it is per cent of all bytes
 */
record WasteLimit(double amount, boolean isPart) {
  private static final Pattern FORM = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)(%|B|kB|MB|GB|TB)?");

  /**
   * Reads {@code 50MB}, {@code 10%} or {@code 1000}.
   *
   * @throws CommandFailure it is none of these
   */
  static WasteLimit parse(String text) throws CommandFailure {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "option '--max-wasted' needs a size or a part, such as 50MB or 10%: '" + text + "'");
    }
    double number = Double.parseDouble(form.group(1));
    String unit = form.group(2) == null ? "B" : form.group(2);
    double factor =
        switch (unit) {
          case "kB" -> 1e3;
          case "MB" -> 1e6;
          case "GB" -> 1e9;
          case "TB" -> 1e12;
          default -> 1;
        };
    return new WasteLimit(number * factor, unit.equals("%"));
  }

  /** Whether as much of so many bytes is too much. */
  boolean isExceeded(long wasted, long all) {
    return isPart ? all > 0 && 100.0 * wasted / all > amount : wasted > amount;
  }

  @Override
  public String toString() {
    return isPart ? String.format(Locale.ROOT, "%s%%", number(amount)) : Ages.size((long) amount);
  }

  private static String number(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }
}
