package plyfs.differential;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** How often each operation succeeded, failed and had nothing to do: the same on both sides. */
final class Statistics {
  private static final int USERS = 3;

  private final Map<Op.Kind, Row> rows = new EnumMap<>(Op.Kind.class);

  private static final class Row {
    private final int[] doneBy = new int[USERS];
    private final SortedMap<String, Integer> failed = new TreeMap<>();
    private int failures;
    private int nothing;
  }

  void add(Op op, Outcome outcome) {
    Row row = rows.computeIfAbsent(op.kind(), kind -> new Row());
    switch (outcome.sort()) {
      case DONE -> row.doneBy[op.user()]++;
      case FAILED -> {
        row.failures++;
        String why = outcome.text().startsWith("E") ? outcome.text() : "other";
        row.failed.merge(why, 1, Integer::sum);
      }
      case NOTHING_TO_DO -> row.nothing++;
    }
  }

  /** A table. */
  @Override
  public String toString() {
    StringBuilder out =
        new StringBuilder("operation          done  as 1  as 2 failed nothing  share  errors\n");
    rows.forEach(
        (kind, row) -> {
          int done = row.doneBy[0] + row.doneBy[1] + row.doneBy[2];
          int all = done + row.failures + row.nothing;
          out.append(
              String.format(
                  Locale.ROOT,
                  "%-17s %5d %5d %5d %6d %7d %5d%%  %s%n",
                  kind,
                  done,
                  row.doneBy[1],
                  row.doneBy[2],
                  row.failures,
                  row.nothing,
                  100 * done / all,
                  row.failed));
        });
    return out.toString();
  }
}
