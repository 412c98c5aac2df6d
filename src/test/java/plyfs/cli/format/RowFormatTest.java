package plyfs.cli.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows as {@code --format} asks for them. */
final class RowFormatTest {
  private record Row(String name, String size) {}

  private static final Fields<Row> FIELDS =
      new Fields<Row>().add("Name", "NAME", Row::name).add("Size", "SIZE", Row::size);
  private static final List<Row> ROWS =
      List.of(new Row("busybox", "4.26MB"), new Row("a-name-of-some-length", "1kB"));

  private static String printed(RowFormat<Row> format, List<Row> rows) throws TemplateException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (PrintStream stream = new PrintStream(out, false, UTF_8)) {
      format.print(rows, stream);
    }
    return out.toString(UTF_8);
  }

  private static RowFormat<Row> format(String text) throws TemplateException {
    return RowFormat.parse(text, "{{.Name}}\t{{.Size}}", FIELDS);
  }

  @ParameterizedTest
  @CsvSource({"''", "table", "table {{.Name}}\\t{{.Size}}"})
  void table_hasHeadings_andColumnsOfTenAtLeast(String text) throws TemplateException {
    assertThat(printed(format(text), ROWS))
        .isEqualTo(
            """
            NAME                    SIZE
            busybox                 4.26MB
            a-name-of-some-length   1kB
            """);
    assertThat(printed(format(text), List.of(new Row("a", "1B"))))
        .isEqualTo("NAME      SIZE\na         1B\n");
    assertThat(printed(format(text), List.of())).isEqualTo("NAME      SIZE\n");
  }

  /** As {@code docker images --format 'table {{upper .Name}}'}: functions leave headings alone. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "table {{upper .Name}}~NAME,BUSYBOX,A-NAME-OF-SOME-LENGTH",
        "table {{lower .Name}}~NAME,busybox,a-name-of-some-length",
        "table {{truncate .Name 4}}~NAME,busy,a-na",
        "table {{json .Name}}~NAME,\"busybox\",\"a-name-of-some-length\"",
        "table {{join (split .Name \"-\") \"/\"}}~NAME,busybox,a/name/of/some/length",
        "table {{if .Size}}{{.Name}}{{end}}~NAME,busybox,a-name-of-some-length",
        "table <{{.Name}}>~<NAME>,<busybox>,<a-name-of-some-length>",
        "{{.Name}}~busybox,a-name-of-some-length",
        "{{.Name}}\\n{{.Size}}~busybox,4.26MB,a-name-of-some-length,1kB",
        "tables~tables,tables",
        "json~{\"Name\":\"busybox\";\"Size\":\"4.26MB\"},"
            + "{\"Name\":\"a-name-of-some-length\";\"Size\":\"1kB\"}"
      })
  void template_isAppliedToEachRow(String text, String expected) throws TemplateException {
    assertThat(printed(format(text), ROWS).lines())
        .containsExactly(
            List.of(expected.split(",")).stream()
                .map(line -> line.replace(';', ','))
                .toArray(String[]::new));
  }

  @Test
  void whatATerminalWouldObey_isEscaped() throws TemplateException {
    List<Row> rows = List.of(new Row("a\u001b[31m\nb\tc\\", "1"));
    assertThat(printed(format("table"), rows))
        .isEqualTo("NAME                    SIZE\na\\x1b[31m\\x0ab\\x09c\\\\   1\n");
    assertThat(printed(format("{{.Name}}"), rows)).isEqualTo("a\\x1b[31m\nb\tc\\\n");
    assertThat(printed(format("json"), rows))
        .isEqualTo("{\"Name\":\"a\\u001b[31m\\nb\\tc\\\\\",\"Size\":\"1\"}\n");
  }

  @Test
  void column_isAdded_whereATableLacksIt() throws TemplateException {
    List<Row> rows = List.of(new Row("a", "1B"));
    assertThat(printed(format("table {{.Name}}").withColumn("Size"), rows))
        .isEqualTo("NAME      SIZE\na         1B\n");
    assertThat(printed(format("table").withColumn("Size"), rows))
        .isEqualTo("NAME      SIZE\na         1B\n");
    assertThat(printed(format("{{.Name}}").withColumn("Size"), rows)).isEqualTo("a\n");
  }

  @Test
  void unknownField_printsNothing() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThatThrownBy(() -> format("{{.Name}}{{.Nmae}}").print(ROWS, new PrintStream(out)))
        .hasMessage(
            "template parsing error: character 12: there is no field 'Nmae': the fields are Name,"
                + " Size");
    assertThat(out.size()).isZero();
  }
}
