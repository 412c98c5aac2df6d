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
  /** The key of a filter for labels. */
  public static final String LABEL = "label";

  /** The key of a filter for labels that are not to be there, written {@code label!=KEY}. */
  public static final String NOT_LABEL = "label!";

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

  /**
   * Whether labels have all that the filters {@code label=KEY} and {@code label=KEY=VALUE} ask, and
   * not all that {@code label!=KEY} and {@code label!=KEY=VALUE} name.
   *
   * @implNote moby's matchLabels: of several {@code label!} all must fit to refuse
   */
  public boolean acceptsLabels(Map<String, String> labels) {
    List<String> unwanted = values(NOT_LABEL);
    return hasAll(labels, values(LABEL)) && (unwanted.isEmpty() || !hasAll(labels, unwanted));
  }

  private static boolean hasAll(Map<String, String> labels, List<String> wanted) {
    for (String each : wanted) {
      int equal = each.indexOf('=');
      String value = labels.get(equal < 0 ? each : each.substring(0, equal));
      if (value == null || equal >= 0 && !value.equals(each.substring(equal + 1))) {
        return false;
      }
    }
    return true;
  }
}
