package plyfs.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/** Columns of text under a heading, each as wide as its longest cell, three blanks apart. */
final class Table {
  private static final int GAP = 3;

  private final List<String[]> rows = new ArrayList<>();

  Table(String... heading) {
    rows.add(heading);
  }

  void row(String... cells) {
    rows.add(cells);
  }

  void print(PrintStream out) {
    int[] widths = new int[rows.get(0).length];
    for (String[] row : rows) {
      for (int i = 0; i < row.length; i++) {
        widths[i] = Math.max(widths[i], row[i].codePointCount(0, row[i].length()));
      }
    }
    for (String[] row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < row.length; i++) {
        line.append(row[i]);
        if (i + 1 < row.length) {
          line.append(" ".repeat(widths[i] + GAP - row[i].codePointCount(0, row[i].length())));
        }
      }
      out.println(line.toString().stripTrailing());
    }
  }
}
