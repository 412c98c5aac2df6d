package plyfs.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/** Writes a run as one self-contained page: charts, tables, and the method. */
public final class HtmlReport {
  private final BenchRun run;
  private final EngineStyles styles;
  private final ReportTables tables;
  private final StringBuilder page = new StringBuilder();

  private HtmlReport(BenchRun run) {
    this.run = run;
    this.styles = new EngineStyles(run.engines().stream().map(BenchRun.EngineInfo::name).toList());
    this.tables = new ReportTables(run, styles);
  }

  /** Writes the page, replacing an existing file. */
  public static void write(BenchRun run, Path file) throws IOException {
    Files.writeString(file, text(run));
  }

  /** The page, well-formed also as XML. */
  static String text(BenchRun run) throws IOException {
    return new HtmlReport(run).compose();
  }

  private String compose() throws IOException {
    page.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n");
    page.append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n");
    page.append("<title>What copy-up costs</title>\n<style>\n").append(styleSheet());
    page.append("</style>\n</head>\n<body>\n<main>\n<h1>What copy-up costs</h1>\n");
    page.append(ReportTexts.introduction(run));
    page.append("<h2>In short</h2>\n").append(tables.summary());
    for (TestedFileSystem.Description tested : run.places()) {
      charts(tested);
    }
    page.append("<h2>Every case</h2>\n").append(tables.cases());
    page.append("<h2>System calls of the daemons</h2>\n").append(tables.calls());
    page.append("<h2>How it was measured</h2>\n").append(ReportTexts.definitions(run));
    page.append(tables.engines()).append(ReportTexts.machine(run));
    return page.append("</main>\n</body>\n</html>\n").toString();
  }

  private static String styleSheet() throws IOException {
    try (InputStream sheet = HtmlReport.class.getResourceAsStream("report.css")) {
      if (sheet == null) {
        throw new FileNotFoundException("report.css is missing in the program");
      }
      return new String(sheet.readAllBytes(), UTF_8);
    }
  }

  private void charts(TestedFileSystem.Description tested) {
    String fs = tested.fs();
    String first = run.patterns().get(0);
    long smallest = run.sizes().get(0);
    int shallow = run.depths().get(0);
    page.append("<section>\n<h2>").append(Svg.escaped(fs)).append(" <small>");
    page.append(Svg.escaped(tested.how())).append("</small></h2>\n");
    LineChart bySize =
        new LineChart(
            styles, "size of the file", CaseResult::size, v -> AxisText.size(v.longValue()));
    lines(
        "Against size",
        "Pattern " + first + ", depth " + shallow + ".",
        bySize,
        select(fs, each -> each.pattern().equals(first) && each.depth() == shallow),
        run.sizes().size());
    LineChart byDepth =
        new LineChart(
            styles, "directories above the file", CaseResult::depth, v -> "" + v.intValue());
    lines(
        "Against depth",
        "Pattern " + first + ", " + AxisText.size(smallest) + ".",
        byDepth,
        select(fs, each -> each.pattern().equals(first) && each.size() == smallest),
        run.depths().size());
    List<CaseResult> compared =
        select(fs, each -> each.size() == run.patternSize() && each.depth() == shallow);
    String at = AxisText.size(run.patternSize()) + ", depth " + shallow + ".";
    lanes("By pattern", at, new LaneChart(styles, CaseResult::pattern), compared);
    List<CaseResult> byMethod =
        compared.stream()
            .filter(each -> !each.engine().equals(PlainEngine.VOLUME))
            .sorted(Comparator.comparing(CaseResult::method))
            .toList();
    lanes(
        "By method",
        "How the data was copied; each dot is a pattern of " + at,
        new LaneChart(styles, CaseResult::method),
        byMethod);
    page.append("</section>\n");
  }

  private List<CaseResult> select(String fs, Predicate<CaseResult> wanted) {
    return run.cases().stream()
        .filter(each -> each.fs().equals(fs) && each.isMeasured())
        .filter(wanted)
        .toList();
  }

  private void lines(
      String title, String remark, LineChart chart, List<CaseResult> cases, int values) {
    if (values > 1) { // a line needs two points
      grid(title, remark, "", cases, chart::draw); // each row has a label
    }
  }

  private void lanes(String title, String remark, LaneChart chart, List<CaseResult> cases) {
    grid(title, remark, styles.legend(), cases, chart::draw);
  }

  private interface Drawing {
    String draw(List<CaseResult> cases, ReportTime time, String label);
  }

  private void grid(
      String title, String remark, String legend, List<CaseResult> cases, Drawing drawing) {
    if (cases.isEmpty()) {
      return;
    }
    page.append("<h3>").append(title).append("</h3>\n<p>").append(Svg.escaped(remark));
    page.append("</p>\n").append(legend).append("<div class=\"charts\">\n");
    for (Temperature temperature : List.of(Temperature.WARM, Temperature.COLD)) {
      List<CaseResult> own =
          cases.stream().filter(e -> e.temperature().equals(temperature.word())).toList();
      for (ReportTime time : ReportTime.values()) {
        if (!own.isEmpty()) {
          String label = temperature.word() + ", " + time.word();
          page.append("<figure>\n<figcaption>").append(label).append("</figcaption>\n");
          page.append(drawing.draw(own, time, title + ", " + label)).append("</figure>\n");
        }
      }
    }
    page.append("</div>\n");
  }
}
