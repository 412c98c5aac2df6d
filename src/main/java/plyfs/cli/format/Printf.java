package plyfs.cli.format;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.base.Ascii;
import com.google.common.base.Strings;
import com.google.common.io.BaseEncoding;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Text with verbs, each of which shows one value.
 *
 * @implNote Go's package fmt; argument numbers ({@code %[1]s}) are not read
 */
final class Printf {
  private static final String FLAGS = "+-# 0";
  private static final int NONE = -1;

  private final String format;
  private final List<? extends @Nullable Object> values;
  private final StringBuilder out = new StringBuilder();
  private int at;
  private int used;

  // Of the verb that is being read.
  private String flags = "";
  private int width;
  private int precision;

  private Printf(String format, List<? extends @Nullable Object> values) {
    this.format = format;
    this.values = values;
  }

  static String of(String format, List<? extends @Nullable Object> values) {
    return new Printf(format, values).run();
  }

  private String run() {
    while (at < format.length()) {
      int percent = format.indexOf('%', at);
      int end = percent < 0 ? format.length() : percent;
      out.append(format, at, end);
      at = end;
      if (percent >= 0) {
        at++;
        verb();
      }
    }
    if (used < values.size()) {
      out.append("%!(EXTRA ");
      for (int i = used; i < values.size(); i++) {
        out.append(i == used ? "" : ", ").append(typed(values.get(i)));
      }
      out.append(')');
    }
    return out.toString();
  }

  private void verb() {
    int from = at;
    while (at < format.length() && FLAGS.indexOf(format.charAt(at)) >= 0) {
      at++;
    }
    flags = format.substring(from, at);
    width = size(0);
    precision = NONE;
    if (at < format.length() && format.charAt(at) == '.') {
      at++;
      precision = size(0);
    }
    if (at >= format.length()) {
      out.append("%!(NOVERB)");
      return;
    }
    int verb = format.codePointAt(at);
    at += Character.charCount(verb);
    if (verb == '%') {
      out.append('%');
    } else if (used >= values.size()) {
      out.append("%!").appendCodePoint(verb).append("(MISSING)");
    } else {
      Object value = values.get(used++);
      out.append(
          verb == 'T' ? padded(type(value)) : GoText.of(value, each -> one((char) verb, each)));
    }
  }

  /** A width or precision: digits, or a star for the next value. */
  private int size(int missing) {
    if (at < format.length() && format.charAt(at) == '*') {
      at++;
      Object value = used < values.size() ? values.get(used++) : null;
      return value instanceof Long number ? (int) Math.min(Math.max(number, 0), 1 << 16) : missing;
    }
    int size = missing;
    while (at < format.length() && Character.isDigit(format.charAt(at))) {
      size = Math.min(size * 10 + format.charAt(at++) - '0', 1 << 16);
    }
    return size;
  }

  private boolean has(char flag) {
    return flags.indexOf(flag) >= 0;
  }

  private String one(char verb, @Nullable Object value) {
    String text = null;
    if (verb == 'v') {
      text = value == null ? "<nil>" : null;
    }
    if (value instanceof String string) {
      text = ofText(verb, string);
    } else if (value instanceof Long number) {
      text = ofInteger(verb, number);
    } else if (value instanceof Double number) {
      text = ofFraction(verb, number);
    } else if (value instanceof Boolean truth && (verb == 't' || verb == 'v')) {
      text = truth.toString();
    }
    return text == null ? "%!" + verb + "(" + typed(value) + ")" : padded(text);
  }

  private @Nullable String ofText(char verb, String text) {
    int characters = text.codePointCount(0, text.length());
    String cut =
        precision == NONE || precision >= characters
            ? text
            : text.substring(0, text.offsetByCodePoints(0, precision));
    return switch (verb) {
      case 'v', 's' -> cut;
      case 'q' -> Escapes.quoted(cut);
      case 'x', 'X' -> {
        BaseEncoding hex = BaseEncoding.base16().lowerCase();
        String digits = (has(' ') ? hex.withSeparator(" ", 2) : hex).encode(cut.getBytes(UTF_8));
        yield verb == 'x' ? digits : Ascii.toUpperCase(digits);
      }
      default -> null;
    };
  }

  private @Nullable String ofInteger(char verb, long number) {
    return switch (verb) {
      case 'v', 'd' -> signed(number < 0, digits(number, 10));
      case 'x' -> signed(number < 0, (has('#') ? "0x" : "") + digits(number, 16));
      case 'X' ->
          signed(number < 0, (has('#') ? "0X" : "") + Ascii.toUpperCase(digits(number, 16)));
      case 'o' -> signed(number < 0, (has('#') ? "0" : "") + digits(number, 8));
      case 'b' -> signed(number < 0, (has('#') ? "0b" : "") + digits(number, 2));
      case 'c' -> Character.toString(character(number));
      case 'q' -> Escapes.quoted(character(number));
      case 'U' -> String.format(Locale.ROOT, "U+%04X", number);
      default -> null;
    };
  }

  private static String digits(long number, int radix) {
    return Long.toString(number, radix).replace("-", "");
  }

  private static int character(long number) {
    return number >= 0 && number <= Character.MAX_CODE_POINT ? (int) number : 0xfffd;
  }

  private @Nullable String ofFraction(char verb, double number) {
    double amount = Math.abs(number);
    String digits =
        switch (verb) {
          case 'v', 'g', 'G' ->
              precision == NONE ? Numbers.shortest(amount) : Numbers.significant(amount, precision);
          case 'f', 'F', 'e', 'E' ->
              String.format(
                  Locale.ROOT,
                  "%." + (precision == NONE ? 6 : precision) + Character.toLowerCase(verb),
                  amount);
          default -> "";
        };
    return digits.isEmpty()
        ? null
        : signed(number < 0, verb == 'E' || verb == 'G' ? Ascii.toUpperCase(digits) : digits);
  }

  private String signed(boolean isNegative, String digits) {
    String sign = isNegative ? "-" : has('+') ? "+" : has(' ') ? " " : "";
    boolean isFilled = has('0') && !has('-');
    return sign + (isFilled ? Strings.padStart(digits, width - sign.length(), '0') : digits);
  }

  private String padded(String text) {
    String blanks = " ".repeat(Math.max(0, width - text.codePointCount(0, text.length())));
    if (has('-')) {
      return text + blanks;
    }
    return (has('0') ? blanks.replace(' ', '0') : blanks) + text;
  }

  private static String typed(@Nullable Object value) {
    return value == null ? "<nil>" : type(value) + "=" + GoText.of(value);
  }

  /** Name of a type as Go has it. */
  private static String type(@Nullable Object value) {
    if (value == null) {
      return "<nil>";
    }
    return value instanceof String
        ? "string"
        : value instanceof Long
            ? "int"
            : value instanceof Double
                ? "float64"
                : value instanceof Boolean
                    ? "bool"
                    : value instanceof List<?> ? "[]interface {}" : "map[string]interface {}";
  }
}
