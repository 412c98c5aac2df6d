package plyfs.cli.format;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.base.Splitter;
import com.google.common.html.HtmlEscapers;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The functions of templates: those of Go's text/template and those that Docker adds. {@code and}
 * and {@code or} are not here, because they do not ask for all of their values.
 */
final class Functions {
  private static final int MANY = Integer.MAX_VALUE;

  /** With how many values it is called, and what it does. */
  private record Function(int least, int most, Method method) {}

  private static final Map<String, Function> ALL = new TreeMap<>();

  static {
    add("and", 1, MANY, arguments -> null);
    add("or", 1, MANY, arguments -> null);
    add("not", 1, 1, arguments -> !isTrue(arguments.get(0)));
    add("len", 1, 1, Functions::length);
    add("index", 1, MANY, Functions::index);
    add("slice", 1, 3, Functions::slice);
    add("print", 0, MANY, arguments -> GoText.print(arguments.all()));
    add("println", 0, MANY, arguments -> GoText.println(arguments.all()));
    add("printf", 1, MANY, arguments -> Printf.of(arguments.text(0), arguments.from(1)));
    add("html", 0, MANY, Functions::html);
    add("eq", 2, MANY, Comparisons::isAnyEqual);
    add("ne", 2, 2, arguments -> !Comparisons.isAnyEqual(arguments));
    add("lt", 2, 2, arguments -> Comparisons.compare(arguments) < 0);
    add("le", 2, 2, arguments -> Comparisons.compare(arguments) <= 0);
    add("gt", 2, 2, arguments -> Comparisons.compare(arguments) > 0);
    add("ge", 2, 2, arguments -> Comparisons.compare(arguments) >= 0);
    add("json", 1, 1, arguments -> GoText.json(arguments.get(0)));
    add("join", 2, 2, arguments -> String.join(arguments.text(1), arguments.texts(0)));
    add("split", 2, 2, arguments -> split(arguments.text(0), arguments.text(1)));
    add("lower", 1, 1, arguments -> arguments.text(0).toLowerCase(Locale.ROOT));
    add("upper", 1, 1, arguments -> arguments.text(0).toUpperCase(Locale.ROOT));
    add("title", 1, 1, arguments -> title(arguments.text(0)));
    add("truncate", 2, 2, Functions::truncate);
    add("pad", 3, 3, Functions::pad);
  }

  private Functions() {}

  private static void add(String name, int least, int most, Method method) {
    ALL.put(name, new Function(least, most, method));
  }

  static boolean isKnown(String name) {
    return ALL.containsKey(name);
  }

  static List<String> names() {
    return List.copyOf(ALL.keySet());
  }

  /** Calls a function that is known. */
  static @Nullable Object call(String name, int at, List<? extends @Nullable Object> values)
      throws TemplateException {
    Function function = ALL.get(name);
    if (function == null) {
      throw new TemplateException(at, "there is no function '" + name + "'");
    }
    Arguments arguments = new Arguments(name, at, values);
    arguments.expect(function.least(), function.most());
    return function.method().call(arguments);
  }

  /** What {@code if} takes for true: all but false, 0, and what is empty or not there. */
  static boolean isTrue(@Nullable Object value) {
    if (value instanceof Boolean truth) {
      return truth;
    }
    if (value instanceof Number number) {
      return number.doubleValue() != 0;
    }
    if (value instanceof String text) {
      return !text.isEmpty();
    }
    if (value instanceof List<?> list) {
      return !list.isEmpty();
    }
    return value instanceof Map<?, ?> map ? !map.isEmpty() : value != null;
  }

  private static Object length(Arguments arguments) throws TemplateException {
    Object value = arguments.get(0);
    if (value instanceof String text) {
      return (long) text.getBytes(UTF_8).length;
    }
    if (value instanceof List<?> list) {
      return (long) list.size();
    }
    if (value instanceof Map<?, ?> map) {
      return (long) map.size();
    }
    throw arguments.failure("takes a text, a list or a map, not " + arguments.shown(0));
  }

  private static @Nullable Object index(Arguments arguments) throws TemplateException {
    Object value = arguments.get(0);
    for (int i = 1; i < arguments.size(); i++) {
      value = element(arguments, value, i);
    }
    return value;
  }

  private static @Nullable Object element(Arguments arguments, @Nullable Object of, int i)
      throws TemplateException {
    if (of instanceof Map<?, ?> map) {
      String key = arguments.text(i);
      // Go knows the type of the values: one that is missing in a map of texts is an empty text.
      boolean isOfTexts =
          map == Struct.NO_MAP
              || !map.isEmpty() && map.values().stream().allMatch(String.class::isInstance);
      return map.containsKey(key) ? map.get(key) : isOfTexts ? "" : null;
    }
    if (of instanceof Struct struct) {
      String name = arguments.text(i);
      if (struct.has(name)) {
        return struct.get(name);
      }
      throw arguments.failure("finds no field '" + name + "'");
    }
    if (of instanceof List<?> list) {
      return list.get(checked(arguments, i, list.size() - 1));
    }
    if (of instanceof String text) {
      byte[] bytes = text.getBytes(UTF_8);
      return (long) (bytes[checked(arguments, i, bytes.length - 1)] & 0xff);
    }
    throw arguments.failure("takes a list, a map or a text, not " + GoText.of(of));
  }

  private static int checked(Arguments arguments, int i, int last) throws TemplateException {
    int index = arguments.number(i);
    if (index < 0 || index > last) {
      throw arguments.failure("finds nothing at " + index + ": the last one is " + last);
    }
    return index;
  }

  private static Object slice(Arguments arguments) throws TemplateException {
    Object value = arguments.get(0);
    byte[] bytes = value instanceof String text ? text.getBytes(UTF_8) : new byte[0];
    int size = value instanceof List<?> list ? list.size() : bytes.length;
    if (!(value instanceof String || value instanceof List<?>)) {
      throw arguments.failure("takes a list or a text, not " + arguments.shown(0));
    }
    int from = arguments.size() > 1 ? checked(arguments, 1, size) : 0;
    int to = arguments.size() > 2 ? checked(arguments, 2, size) : size;
    if (from > to) {
      throw arguments.failure("cannot go from " + from + " to " + to);
    }
    return value instanceof List<?> list
        ? List.copyOf(list.subList(from, to))
        : new String(bytes, from, to - from, UTF_8);
  }

  private static Object html(Arguments arguments) {
    String text = GoText.print(arguments.all());
    return HtmlEscapers.htmlEscaper().escape(text).replace("&quot;", "&#34;");
  }

  private static List<String> split(String text, String separator) {
    if (!separator.isEmpty()) {
      return Splitter.on(separator).splitToList(text);
    }
    return text.codePoints().mapToObj(Character::toString).toList();
  }

  /** Each letter that follows no letter, digit, underscore or apostrophe becomes a capital. */
  private static String title(String text) {
    StringBuilder title = new StringBuilder();
    int before = ' ';
    for (int c : text.codePoints().toArray()) {
      boolean isInside = Character.isLetterOrDigit(before) || before == '_';
      title.appendCodePoint(isInside ? c : Character.toTitleCase(c));
      before = c;
    }
    return title.toString();
  }

  private static Object truncate(Arguments arguments) throws TemplateException {
    String text = arguments.text(0);
    int length = arguments.number(1);
    if (length < 0) {
      throw arguments.failure("takes a length of 0 or more, not " + length);
    }
    int characters = text.codePointCount(0, text.length());
    return characters <= length ? text : text.substring(0, text.offsetByCodePoints(0, length));
  }

  private static Object pad(Arguments arguments) throws TemplateException {
    String text = arguments.text(0);
    int before = arguments.number(1);
    int after = arguments.number(2);
    if (before < 0 || after < 0 || before + after > 1 << 16) {
      throw arguments.failure("takes numbers of blanks from 0 to " + (1 << 16));
    }
    return text.isEmpty() ? text : " ".repeat(before) + text + " ".repeat(after);
  }

  /** In a heading these leave the name of a column as it is. */
  static boolean isNothingInHeadings(String name) {
    return List.of("json", "split", "join", "title", "lower", "upper", "truncate").contains(name);
  }
}
