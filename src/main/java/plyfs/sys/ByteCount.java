package plyfs.sys;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sizes as a person writes them: a number, optionally with a fraction, and a unit. {@code kB MB GB
 * TB} are powers of 1000. {@code KiB MiB GiB TiB} and single letters are powers of 1024, as in
 * dd(1) and truncate(1). Case does not matter; no unit, and {@code B}, mean bytes.
 */
public final class ByteCount {
  private static final Pattern FORM =
      Pattern.compile("([0-9]+(?:\\.[0-9]+)?) ?(?:([kmgt])(i?b)?|b)?", Pattern.CASE_INSENSITIVE);

  private static final String LETTERS = "kmgt";

  private ByteCount() {}

  /**
   * Parses a size; returns bytes.
   *
   * @throws IllegalArgumentException it is not a size, or more than 2^63 - 1; the message shows the
   *     valid form
   */
  public static long parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw wrong(text);
    }
    BigDecimal bytes = new BigDecimal(form.group(1)).multiply(BigDecimal.valueOf(factor(form)));
    if (bytes.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
      throw wrong(text);
    }
    return bytes.longValue();
  }

  private static IllegalArgumentException wrong(String text) {
    return new IllegalArgumentException(
        "'" + text + "' is not a size: give bytes, or a number with a unit, such as 50MB or 50MiB");
  }

  private static long factor(Matcher form) {
    String letter = form.group(2);
    if (letter == null) {
      return 1;
    }
    boolean isDecimal = "b".equalsIgnoreCase(form.group(3));
    int power = 1 + LETTERS.indexOf(letter.toLowerCase(Locale.ROOT));
    long factor = 1;
    for (int i = 0; i < power; i++) {
      factor *= isDecimal ? 1000 : 1024;
    }
    return factor;
  }
}
