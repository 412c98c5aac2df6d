package plyfs.cli;

import java.util.Locale;

/** Text of a manual page for {@code man -l}, in the man macros of roff. */
final class RoffText {
  private final StringBuilder out = new StringBuilder();

  /** Begins a page: {@code .TH}. */
  RoffText(String name, int section, String version) {
    macro("TH", name.toUpperCase(Locale.ROOT), Integer.toString(section), "", version);
  }

  private void macro(String name, String... arguments) {
    out.append('.').append(name);
    for (String argument : arguments) {
      out.append(" \"").append(escaped(argument).replace("\"", "\\(dq")).append('"');
    }
    out.append('\n');
  }

  /** A section. */
  RoffText section(String title) {
    macro("SH", title);
    return this;
  }

  /** A section below another. */
  RoffText subsection(String title) {
    macro("SS", title);
    return this;
  }

  /** A paragraph of its own. */
  RoffText paragraph(String text) {
    out.append(".PP\n");
    return line(text);
  }

  /** A line of the paragraph. */
  RoffText line(String text) {
    String line = escaped(text);
    out.append(line.startsWith(".") || line.startsWith("'") ? "\\&" : "").append(line).append('\n');
    return this;
  }

  /** Something that is described beside or below it. */
  RoffText item(String term, String text) {
    out.append(".TP\n.B ").append(escaped(term)).append('\n');
    return line(text);
  }

  /** Lines that are not filled. */
  RoffText verbatim(Iterable<String> lines) {
    out.append(".nf\n");
    lines.forEach(this::line);
    out.append(".fi\n");
    return this;
  }

  private static String escaped(String text) {
    return text.replace("\\", "\\e").replace("-", "\\-");
  }

  @Override
  public String toString() {
    return out.toString();
  }
}
