package plyfs.cli.format;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/**
 * Columns of text under a heading, as wide as their longest cell and three blanks apart.
 *
 * @implNote Docker's commands do not make a column narrower than ten characters either
 */
public final class Table {
  private static final int GAP = 3;
  private static final int NARROWEST = 10;

  private final List<String[]> rows = new ArrayList<>();

  public Table(String... heading) {
    rows.add(heading);
  }

  /** Adds a row, which may have more cells than the heading, or fewer. */
  public void row(String... cells) {
    rows.add(cells);
  }

  public void print(PrintStream out) {
    List<Integer> widths = new ArrayList<>();
    for (String[] row : rows) {
      // The last cell of a row reaches as far as it likes.
      for (int i = 0; i + 1 < row.length; i++) {
        if (i == widths.size()) {
          widths.add(NARROWEST);
        }
        widths.set(i, Math.max(widths.get(i), width(row[i]) + GAP));
      }
    }
    for (String[] row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < row.length; i++) {
        line.append(row[i]);
        if (i + 1 < row.length) {
          line.append(" ".repeat(widths.get(i) - width(row[i])));
        }
      }
      out.println(line.toString().stripTrailing());
    }
  }

  private static int width(String cell) {
    return cell.codePointCount(0, cell.length());
  }
}
