package plyfs.cli.format;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * An object whose fields are known: a template that names another one is wrong, while a key that a
 * map does not have is just not there.
 */
public final class Struct {
  /** A list that is not there: printed as an empty one, {@code null} in JSON. */
  public static final List<Object> NO_LIST = Collections.unmodifiableList(new ArrayList<>(0));

  /** A map that is not there: printed as an empty one, {@code null} in JSON. */
  public static final Map<String, Object> NO_MAP =
      Collections.unmodifiableMap(new LinkedHashMap<>());

  private final Map<String, @Nullable Object> fields;
  private final Map<String, @Nullable Object> absent;

  private Struct(Map<String, @Nullable Object> fields, Map<String, @Nullable Object> absent) {
    this.fields = fields;
    this.absent = absent;
  }

  /** An object with these fields, in this order. */
  public static Struct of(Map<String, ? extends @Nullable Object> fields) {
    return new Struct(Collections.unmodifiableMap(new LinkedHashMap<>(fields)), Map.of());
  }

  /**
   * The same object with values for fields that it could have and has not. They are not printed
   * with the object.
   */
  public Struct withAbsent(Map<String, ? extends @Nullable Object> values) {
    return new Struct(fields, Collections.unmodifiableMap(new LinkedHashMap<>(values)));
  }

  boolean has(String name) {
    return fields.containsKey(name) || absent.containsKey(name);
  }

  @Nullable Object get(String name) {
    Object value = fields.get(name);
    return value == null ? absent.get(name) : value;
  }

  /** Names of all fields that it could have, sorted. */
  List<String> names() {
    Set<String> names = new TreeSet<>(fields.keySet());
    names.addAll(absent.keySet());
    return List.copyOf(names);
  }

  /** The fields that it has, in order. */
  Map<String, @Nullable Object> fields() {
    return fields;
  }
}
