package plyfs.cli.format;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What rows of one kind have: the names that templates use, and the headings that tables have.
 *
 * @param <T> what a row is about
 */
public final class Fields<T> {
  /** One of them. */
  private record Field<T>(String heading, Function<? super T, ? extends @Nullable Object> value) {}

  private final Map<String, Field<T>> fields = new TreeMap<>();

  /** Adds a field. Its value is of a type that {@link Template} takes. */
  public Fields<T> add(
      String name, String heading, Function<? super T, ? extends @Nullable Object> value) {
    fields.put(name, new Field<>(heading, value));
    return this;
  }

  /** The row itself, its fields sorted by name, as Docker prints them in JSON. */
  Struct of(T row) {
    Map<String, @Nullable Object> values = new TreeMap<>();
    fields.forEach((name, field) -> values.put(name, field.value().apply(row)));
    return Struct.of(values);
  }

  /** Rows, as a list that templates take. */
  public List<Struct> of(List<? extends T> rows) {
    List<Struct> all = new ArrayList<>();
    rows.forEach(row -> all.add(of(row)));
    return all;
  }

  Struct headings() {
    Map<String, String> headings = new TreeMap<>();
    fields.forEach((name, field) -> headings.put(name, field.heading()));
    return Struct.of(headings);
  }
}
