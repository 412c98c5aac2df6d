package plyfs.cli.format;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.gson.internal.LazilyParsedNumber;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Values as text. They are null, {@code Boolean}, {@code Long}, {@code Double}, {@code String},
 * {@code List}, {@code Map} and {@link Struct}.
 *
 * @implNote Go's package fmt, verb {@code %v}
 */
final class GoText {
  /** What is printed for a value that is not there. */
  static final String NO_VALUE = "<no value>";

  private static final Gson JSON =
      new GsonBuilder().disableHtmlEscaping().serializeNulls().create();

  private GoText() {}

  /** A value inside of others, or as an argument. */
  static String of(@Nullable Object value) {
    return of(value, GoText::scalar);
  }

  /**
   * A value whose parts are written by a function.
   *
   * @param scalar writes what is neither list nor map
   */
  static String of(@Nullable Object value, Function<@Nullable Object, String> scalar) {
    if (value instanceof List<?> list) {
      return "[" + String.join(" ", list.stream().map(each -> of(each, scalar)).toList()) + "]";
    }
    if (value instanceof Map<?, ?> map) {
      List<String> parts = new ArrayList<>();
      sorted(map).forEach((key, each) -> parts.add(scalar.apply(key) + ":" + of(each, scalar)));
      return "map[" + String.join(" ", parts) + "]";
    }
    if (value instanceof Struct struct) {
      List<String> parts = new ArrayList<>();
      struct.fields().values().forEach(each -> parts.add(of(each, scalar)));
      return "{" + String.join(" ", parts) + "}";
    }
    return scalar.apply(value);
  }

  private static String scalar(@Nullable Object value) {
    if (value == null) {
      return "<nil>";
    }
    return value instanceof Double number ? Numbers.shortest(number) : value.toString();
  }

  static Map<String, @Nullable Object> sorted(Map<?, ?> map) {
    Map<String, @Nullable Object> sorted = new TreeMap<>();
    map.forEach((key, value) -> sorted.put(String.valueOf(key), value));
    return sorted;
  }

  /** A blank stands between two values of which none is a text. */
  static String print(List<? extends @Nullable Object> values) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < values.size(); i++) {
      boolean isApart = i > 0 && !(values.get(i) instanceof String);
      text.append(isApart && !(values.get(i - 1) instanceof String) ? " " : "");
      text.append(of(values.get(i)));
    }
    return text.toString();
  }

  /** With blanks between all and a newline at the end. */
  static String println(List<? extends @Nullable Object> values) {
    return String.join(" ", values.stream().map(GoText::of).toList()) + "\n";
  }

  /** As JSON; the keys of maps are sorted, fields are in their order. */
  static String json(@Nullable Object value) {
    return JSON.toJson(toJson(value));
  }

  private static JsonElement toJson(@Nullable Object value) {
    if (value == null || value == Struct.NO_LIST || value == Struct.NO_MAP) {
      return JsonNull.INSTANCE;
    }
    if (value instanceof List<?> list) {
      JsonArray array = new JsonArray();
      list.forEach(each -> array.add(toJson(each)));
      return array;
    }
    if (value instanceof Map<?, ?> map) {
      JsonObject object = new JsonObject();
      sorted(map).forEach((key, each) -> object.add(key, toJson(each)));
      return object;
    }
    if (value instanceof Struct struct) {
      JsonObject object = new JsonObject();
      struct
          .fields()
          .forEach(
              (name, each) -> {
                if (!(each instanceof Method)) {
                  object.add(name, toJson(each));
                }
              });
      return object;
    }
    if (value instanceof Double number) {
      return new JsonPrimitive(new LazilyParsedNumber(Numbers.json(number)));
    }
    return value instanceof Long number
        ? new JsonPrimitive(number)
        : value instanceof Boolean truth
            ? new JsonPrimitive(truth)
            : new JsonPrimitive(value.toString());
  }

  /** JSON as values of a template. */
  static @Nullable Object ofJson(JsonElement json) {
    if (json.isJsonNull()) {
      return null;
    }
    if (json.isJsonArray()) {
      List<@Nullable Object> list = new ArrayList<>();
      json.getAsJsonArray().forEach(each -> list.add(ofJson(each)));
      return list;
    }
    if (json.isJsonObject()) {
      Map<String, @Nullable Object> map = new LinkedHashMap<>();
      json.getAsJsonObject().asMap().forEach((key, each) -> map.put(key, ofJson(each)));
      return map;
    }
    JsonPrimitive primitive = json.getAsJsonPrimitive();
    if (primitive.isBoolean()) {
      return primitive.getAsBoolean();
    }
    return primitive.isNumber() ? number(primitive) : primitive.getAsString();
  }

  private static Object number(JsonPrimitive primitive) {
    try {
      return Long.parseLong(primitive.getAsString());
    } catch (NumberFormatException e) {
      return primitive.getAsDouble();
    }
  }
}
