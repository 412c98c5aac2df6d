package plyfs.cli.format;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.base.Splitter;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import plyfs.sys.Name;

/**
 * How a command prints its rows: {@code table}, {@code table TEMPLATE}, {@code json} (one object a
 * line), or a template for each row.
 *
 * @param <T> what a row is about
 * @implNote docker/cli's formatter.go; there as here {@code \t} and {@code \n} in the template are
 *     a tab and a newline
 */
public final class RowFormat<T> {
  private static final String TABLE = "table";

  private final Fields<T> fields;
  private final String text;
  private final boolean isTable;
  private final Template template;

  private RowFormat(Fields<T> fields, String text, boolean isTable) throws TemplateException {
    this.fields = fields;
    this.text = text;
    this.isTable = isTable;
    this.template = Template.parse(text);
  }

  /**
   * Reads a format.
   *
   * @param format what was asked for; empty for the usual table
   * @param usual template of the usual table
   */
  public static <T> RowFormat<T> parse(String format, String usual, Fields<T> fields)
      throws TemplateException {
    if (format.isEmpty() || format.equals(TABLE)) {
      return new RowFormat<>(fields, usual, true);
    }
    boolean isTable = isTable(format);
    String rest = isTable ? format.substring(TABLE.length()) : format;
    return new RowFormat<>(fields, isTable ? unescaped(rest) : template(rest), isTable);
  }

  /** Whether a format asks for a table by name. */
  public static boolean isTable(String format) {
    return format.equals(TABLE)
        || format.startsWith(TABLE + " ")
        || format.startsWith(TABLE + "\\t");
  }

  /**
   * Prints one object: by {@code json}, or by a template.
   *
   * @throws TemplateException if the template names what the object lacks; nothing was printed then
   */
  public static void printOne(String format, Struct object, PrintStream out)
      throws TemplateException {
    String text = Template.parse(template(format)).apply(object);
    out.print(withoutControls(text) + '\n');
  }

  private static String template(String format) {
    return format.equals("json") ? "{{json .}}" : unescaped(format);
  }

  private static String unescaped(String text) {
    return text.strip().replace("\\t", "\t").replace("\\n", "\n");
  }

  /** The same format with one more column at the end, if it is a table without it. */
  public RowFormat<T> withColumn(String field) throws TemplateException {
    String column = "{{." + field + "}}";
    boolean lacksIt = isTable && !text.contains(column);
    return lacksIt ? new RowFormat<>(fields, text + "\t" + column, true) : this;
  }

  /** Whether the template names a field, by {@code {{.Field}}}. */
  public boolean shows(String field) {
    return text.contains("{{." + field + "}}");
  }

  /**
   * Prints rows. What a terminal would obey is escaped; in a table a cell also has one line only.
   *
   * @throws TemplateException if the template names what the rows lack; nothing was printed then
   */
  public void print(List<? extends T> rows, PrintStream out) throws TemplateException {
    if (isTable) {
      printTable(rows, out);
      return;
    }
    StringBuilder lines = new StringBuilder();
    for (T row : rows) {
      lines.append(withoutControls(template.apply(fields.of(row)))).append('\n');
    }
    out.print(lines);
  }

  private void printTable(List<? extends T> rows, PrintStream out) throws TemplateException {
    Table table = new Table(cells(template.heading(fields.headings())));
    for (T row : rows) {
      for (String line : Splitter.on('\n').split(template.apply(escaped(fields.of(row))))) {
        table.row(cells(line));
      }
    }
    table.print(out);
  }

  private static String[] cells(String line) {
    return line.split("\t", -1);
  }

  private static Struct escaped(Struct row) {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    row.fields()
        .forEach(
            (name, value) ->
                values.put(
                    name,
                    value instanceof String string
                        ? Name.printable(string.getBytes(UTF_8))
                        : value));
    return Struct.of(values);
  }

  private static String withoutControls(String text) {
    StringBuilder safe = new StringBuilder();
    for (int c : text.codePoints().toArray()) {
      if (Character.isISOControl(c) && c != '\n' && c != '\t') {
        safe.append(String.format(Locale.ROOT, "\\x%02x", c));
      } else {
        safe.appendCodePoint(c);
      }
    }
    return safe.toString();
  }
}
