package plyfs.cli.format;

import com.google.common.base.Ascii;
import java.math.BigDecimal;
import java.util.Locale;

/** Numbers as Go reads and writes them: integers are {@code Long}, all others {@code Double}. */
final class Numbers {
  /** From here on, {@code %v} writes an exponent. */
  private static final int LARGE_EXPONENT = 21;

  private static final int SHORT_EXPONENT = 6;
  private static final int SMALL_EXPONENT = -4;

  private Numbers() {}

  /** A number of a template: {@code 12}, {@code 0x1f}, {@code 1_000}, {@code 1.5e3}. */
  static Object parse(String text, int at) throws TemplateException {
    String digits = Ascii.toLowerCase(text.replace("_", ""));
    boolean isNegative = digits.startsWith("-");
    String plain = isNegative || digits.startsWith("+") ? digits.substring(1) : digits;
    try {
      int radix =
          plain.startsWith("0x") ? 16 : plain.startsWith("0b") ? 2 : plain.startsWith("0o") ? 8 : 0;
      if (radix != 0) {
        long number = Long.parseLong(plain.substring(2), radix);
        return isNegative ? -number : number;
      }
      boolean isInteger = plain.chars().allMatch(Character::isDigit);
      if (isInteger) {
        return Long.parseLong(isNegative ? "-" + plain : plain);
      }
      return Double.parseDouble(isNegative ? "-" + plain : plain);
    } catch (NumberFormatException e) {
      throw new TemplateException(at, "'" + text + "' is not a number");
    }
  }

  /** As {@code %v} and {@code %g} write it: the fewest digits that give the same number. */
  static String shortest(double number) {
    return shortest(number, SHORT_EXPONENT);
  }

  /** As JSON has it. */
  static String json(double number) {
    return shortest(number, LARGE_EXPONENT);
  }

  private static String shortest(double number, int largeExponent) {
    if (Double.isNaN(number) || Double.isInfinite(number)) {
      return Double.isNaN(number) ? "NaN" : number > 0 ? "+Inf" : "-Inf";
    }
    if (number == 0) {
      return "0";
    }
    BigDecimal digits = new BigDecimal(Double.toString(number)).stripTrailingZeros();
    int exponent = digits.precision() - digits.scale() - 1;
    if (exponent >= SMALL_EXPONENT && exponent < largeExponent) {
      return digits.toPlainString();
    }
    String unscaled = digits.unscaledValue().abs().toString();
    String fraction = unscaled.length() > 1 ? "." + unscaled.substring(1) : "";
    String sign = number < 0 ? "-" : "";
    return sign + unscaled.charAt(0) + fraction + exponent(exponent);
  }

  /** With a number of significant digits at most, as {@code %.3g} writes it. */
  static String significant(double number, int digits) {
    int wanted = Math.max(1, digits);
    String text = String.format(Locale.ROOT, "%." + (wanted - 1) + "e", number);
    double rounded = Double.parseDouble(text);
    return shortest(rounded, wanted);
  }

  private static String exponent(int exponent) {
    return String.format(Locale.ROOT, "e%s%02d", exponent < 0 ? "-" : "+", Math.abs(exponent));
  }
}
