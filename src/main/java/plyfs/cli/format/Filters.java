package plyfs.cli.format;

import com.google.common.base.Ascii;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What {@code --filter KEY=VALUE} asks for. */
public final class Filters {
  private static final Set<String> TRUE = Set.of("1", "t", "true");
  private static final Set<String> FALSE = Set.of("0", "f", "false");

  private final Map<String, List<String>> values = new TreeMap<>();

  private Filters() {}

  /**
   * Reads filters.
   *
   * @param given as they were written, {@code key=value}
   * @param known the keys that there are
   */
  public static Filters parse(List<String> given, Set<String> known) throws UsageException {
    Filters filters = new Filters();
    for (String each : given) {
      int equal = each.indexOf('=');
      String key = Ascii.toLowerCase(equal < 0 ? each : each.substring(0, equal)).strip();
      if (!known.contains(key)) {
        throw new UsageException(
            "there is no filter '"
                + key
                + "': the filters are "
                + String.join(", ", new TreeSet<>(known)));
      }
      if (equal < 0) {
        throw new UsageException("filter '" + key + "' needs a value: '" + key + "=VALUE'");
      }
      filters.add(key, each.substring(equal + 1).strip());
    }
    return filters;
  }

  /** Adds one that a command takes in another way, as an argument. */
  public void add(String key, String value) {
    values.computeIfAbsent(key, k -> new ArrayList<>()).add(value);
  }

  /** All values of a key; none where it was not given. */
  public List<String> values(String key) {
    return values.getOrDefault(key, List.of());
  }

  /** The value of a key that means something once only: the last; null where it was not given. */
  public @Nullable String last(String key) {
    List<String> all = values(key);
    return all.isEmpty() ? null : all.get(all.size() - 1);
  }

  /** A truth value; null where it was not given. */
  public @Nullable Boolean truth(String key) throws UsageException {
    String value = last(key);
    if (value == null) {
      return null;
    }
    String word = Ascii.toLowerCase(value);
    if (!TRUE.contains(word) && !FALSE.contains(word)) {
      throw new UsageException("filter '" + key + "' takes true or false, not '" + value + "'");
    }
    return TRUE.contains(word);
  }

  /** Whether labels have all that the filters {@code label=KEY} and {@code label=KEY=VALUE} ask. */
  public boolean acceptsLabels(Map<String, String> labels) {
    for (String wanted : values("label")) {
      int equal = wanted.indexOf('=');
      String key = equal < 0 ? wanted : wanted.substring(0, equal);
      String value = labels.get(key);
      if (value == null || equal >= 0 && !value.equals(wanted.substring(equal + 1))) {
        return false;
      }
    }
    return true;
  }
}
