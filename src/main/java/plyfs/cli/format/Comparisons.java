package plyfs.cli.format;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** {@code eq}, {@code lt} and the others: only values of one type can be compared. */
final class Comparisons {
  private Comparisons() {}

  /** Whether the first value equals any of the others. */
  static boolean isAnyEqual(Arguments arguments) throws TemplateException {
    for (int i = 1; i < arguments.size(); i++) {
      if (isEqual(arguments, i)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isEqual(Arguments arguments, int i) throws TemplateException {
    Object first = arguments.get(0);
    Object other = arguments.get(i);
    if (first == null || other == null) {
      return first == other;
    }
    if (!isScalar(first) || !first.getClass().equals(other.getClass())) {
      throw incomparable(arguments, i);
    }
    return first.equals(other);
  }

  private static boolean isScalar(@Nullable Object value) {
    return value instanceof String || value instanceof Number || value instanceof Boolean;
  }

  /** Less than 0, 0 or more, as the first of two values is less, equal or greater. */
  static int compare(Arguments arguments) throws TemplateException {
    Object first = arguments.get(0);
    Object second = arguments.get(1);
    if (first instanceof Long one && second instanceof Long two) {
      return Long.compare(one, two);
    }
    if (first instanceof Double one && second instanceof Double two) {
      return Double.compare(one, two);
    }
    if (first instanceof String one && second instanceof String two) {
      return Arrays.compareUnsigned(one.getBytes(UTF_8), two.getBytes(UTF_8));
    }
    throw incomparable(arguments, 1);
  }

  private static TemplateException incomparable(Arguments arguments, int i) {
    return arguments.failure(
        "cannot compare " + arguments.shown(0) + " with " + arguments.shown(i));
  }
}
