package plyfs.cli;

import java.util.ArrayList;
import java.util.List;
import plyfs.options.MountOption;
import plyfs.options.MountOptionTable;
import plyfs.options.OptionGroup;

/** The mount options in the help text of {@code mount}, from their table, by groups. */
final class OptionHelp {
  private static final int COLUMNS = 79;
  private static final int HELP_COLUMN = 30;

  private final List<String> lines = new ArrayList<>();

  private OptionHelp() {}

  /** The lines, without line ends. */
  static List<String> lines() {
    OptionHelp help = new OptionHelp();
    help.lines.add("Mount options for -o (defaults are in brackets):");
    for (OptionGroup group : OptionGroup.values()) {
      help.lines.add("");
      help.lines.add(group.title() + ":");
      if (group.isExplained()) {
        help.explain(group);
      } else {
        help.list(group);
      }
    }
    return help.lines;
  }

  private void explain(OptionGroup group) {
    for (MountOption<?> row : MountOptionTable.rows()) {
      if (row.group() == group) {
        String preset = row.presetText().isEmpty() ? "" : " [" + row.presetText() + "]";
        add("  " + row.syntax(), row.help() + preset);
      }
    }
  }

  /** Adds an option: its syntax, and its help text beside it, or below a long syntax. */
  private void add(String syntax, String text) {
    String line = syntax;
    if (syntax.length() > HELP_COLUMN - 2) {
      lines.add(syntax);
      line = "";
    }
    line = padded(line);
    boolean isFirst = true;
    for (String word : text.split(" ", -1)) {
      if (line.length() + 1 + word.length() > COLUMNS) {
        lines.add(line);
        line = padded("");
        isFirst = true;
      }
      line += isFirst ? word : " " + word;
      isFirst = false;
    }
    lines.add(line);
  }

  private static String padded(String text) {
    return text + " ".repeat(HELP_COLUMN - text.length());
  }

  private void list(OptionGroup group) {
    String line = " ";
    for (MountOption<?> row : MountOptionTable.rows()) {
      if (row.group() != group) {
        continue;
      }
      String word = " " + row.syntax();
      if (line.length() + word.length() + 1 > COLUMNS) {
        lines.add(line + ",");
        line = " ";
      }
      line += (line.isBlank() ? "" : ",") + word;
    }
    lines.add(line);
  }
}
