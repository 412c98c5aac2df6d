package plyfs.cli.format;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.Locale;

/**
 * Backslashes in quoted text, there and back.
 *
 * @implNote the Go language specification, "Rune literals"
 */
final class Escapes {
  private static final String LETTERS = "abfnrtv\\\"'";
  private static final String MEANT = "\u0007\b\f\n\r\t\u000b\\\"'";

  private Escapes() {}

  /**
   * What a quoted text stands for.
   *
   * @param text between the quotation marks
   * @param at where it begins in the template
   */
  static String resolved(String text, int at) throws TemplateException {
    if (text.indexOf('\\') < 0) {
      return text;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int i = 0;
    while (i < text.length()) {
      int c = text.codePointAt(i);
      if (c != '\\') {
        bytes.writeBytes(Character.toString(c).getBytes(UTF_8));
        i += Character.charCount(c);
        continue;
      }
      char letter = text.charAt(i + 1);
      int meant = LETTERS.indexOf(letter);
      if (meant >= 0) {
        bytes.write(MEANT.charAt(meant));
        i += 2;
      } else {
        i += numbered(text, i, at, bytes);
      }
    }
    return bytes.toString(UTF_8);
  }

  /** Writes what a number stands for; how many characters that took. */
  private static int numbered(String text, int i, int at, ByteArrayOutputStream bytes)
      throws TemplateException {
    char letter = text.charAt(i + 1);
    int digits = letter == 'x' ? 2 : letter == 'u' ? 4 : letter == 'U' ? 8 : 3;
    int from = letter >= '0' && letter <= '7' ? i + 1 : i + 2;
    int radix = from == i + 1 ? 8 : 16;
    try {
      int number = Integer.parseInt(text, from, from + digits, radix);
      if (digits > 3) {
        bytes.writeBytes(Character.toString(number).getBytes(UTF_8));
      } else if ("x01234567".indexOf(letter) >= 0) {
        bytes.write(number);
      } else {
        throw new NumberFormatException();
      }
      return from + digits - i;
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new TemplateException(at + i, "'\\" + letter + "' stands for nothing");
    }
  }

  /** A text in double quotation marks. */
  static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    text.codePoints().forEach(c -> append(quoted, c, '"'));
    return quoted.append('"').toString();
  }

  /** A character in single quotation marks. */
  static String quoted(int character) {
    StringBuilder quoted = new StringBuilder("'");
    append(quoted, character, '\'');
    return quoted.append('\'').toString();
  }

  private static void append(StringBuilder to, int c, char quote) {
    int letter = MEANT.indexOf(c);
    boolean isQuote = c == '"' || c == '\'';
    if (letter >= 0 && !(isQuote && c != quote)) {
      to.append('\\').append(LETTERS.charAt(letter));
    } else if (c < 0x20 || c == 0x7f) {
      to.append(String.format(Locale.ROOT, "\\x%02x", c));
    } else {
      to.appendCodePoint(c);
    }
  }
}
