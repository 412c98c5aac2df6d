package plyfs.bench;

import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import plyfs.bench.CaseResult.CaseKey;

/** The tables of a report. */
final class ReportTables {
  private static final String SCROLL = "<div class=\"scroll\"><table>\n";
  private static final String END = "</table></div>\n";

  private final BenchRun run;
  private final EngineStyles styles;
  private final Map<CaseKey, CaseResult> byKey;

  ReportTables(BenchRun run, EngineStyles styles) {
    this.run = run;
    this.styles = styles;
    this.byKey = run.byKey();
  }

  /** Mean ratios to kernel overlayfs. */
  String summary() {
    StringBuilder text = new StringBuilder();
    text.append("<p>Geometric means over all cases of the ratio to kernel overlayfs; below 1 is");
    text.append(" faster.</p>\n").append(SCROLL);
    text.append("<tr><th>engine</th><th>warm, first byte</th><th>warm, durable</th>");
    text.append("<th>cold, first byte</th><th>cold, durable</th></tr>\n");
    for (String engine : styles.names()) {
      text.append("<tr>").append(nameCell(engine));
      for (Temperature temperature : List.of(Temperature.WARM, Temperature.COLD)) {
        for (ReportTime time : ReportTime.values()) {
          OptionalDouble mean = meanRatio(engine, temperature, time);
          text.append(numberCell(mean.isPresent() ? AxisText.ratio(mean.getAsDouble()) : ""));
        }
      }
      text.append("</tr>\n");
    }
    return text.append(END).toString();
  }

  private OptionalDouble meanRatio(String engine, Temperature temperature, ReportTime time) {
    OptionalDouble logarithm =
        run.cases().stream()
            .filter(each -> each.engine().equals(engine))
            .filter(each -> each.temperature().equals(temperature.word()))
            .map(each -> ratioTo(each, KernelEngine.NAME, time))
            .filter(OptionalDouble::isPresent)
            .mapToDouble(ratio -> Math.log(ratio.getAsDouble()))
            .average();
    return logarithm.isPresent()
        ? OptionalDouble.of(Math.exp(logarithm.getAsDouble()))
        : OptionalDouble.empty();
  }

  private OptionalDouble ratioTo(CaseResult result, String engine, ReportTime time) {
    @Nullable CaseResult base = byKey.get(result.keyWith(engine));
    return base == null || !base.isMeasured() || !result.isMeasured()
        ? OptionalDouble.empty()
        : OptionalDouble.of(time.of(result).median() / time.of(base).median());
  }

  /** A row for each case. */
  String cases() {
    StringBuilder text = new StringBuilder("<details>\n<summary>");
    text.append(run.cases().size()).append(" lines</summary>\n").append(SCROLL);
    text.append("<tr><th>file system</th><th>pattern</th><th>size</th><th>depth</th><th></th>");
    text.append("<th>engine</th><th>first byte (quartiles)</th><th>x kernel</th><th>x volume</th>");
    text.append("<th>durable (quartiles)</th><th>x kernel</th><th>x volume</th><th>samples</th>");
    text.append("<th>method</th><th>read by calls</th><th>written by calls</th>");
    text.append("<th>read from disk</th><th>written to disk</th></tr>\n");
    run.cases().forEach(each -> text.append(line(each)));
    return text.append(END).append("</details>\n").toString();
  }

  private String line(CaseResult each) {
    StringBuilder text = new StringBuilder("<tr>");
    text.append(cell(each.fs())).append(cell(each.pattern()));
    text.append(numberCell(AxisText.size(each.size()))).append(numberCell("" + each.depth()));
    text.append(cell(each.temperature())).append(nameCell(each.engine()));
    @Nullable String failure = each.failure();
    if (failure != null) {
      text.append("<td colspan=\"12\">failed: ")
          .append(Svg.escaped(failure))
          .append("</td></tr>\n");
      return text.toString();
    }
    for (ReportTime time : ReportTime.values()) {
      text.append(numberCell(GroupRun.withSpread(time.of(each))));
      text.append(ratioCell(each, KernelEngine.NAME, time));
      text.append(ratioCell(each, PlainEngine.VOLUME, time));
    }
    IoCount io = each.io();
    text.append(numberCell("" + each.durableNanos().size())).append(cell(each.method()));
    text.append(numberCell(bytes(io.callsRead()))).append(numberCell(bytes(io.callsWritten())));
    text.append(numberCell(bytes(io.diskRead()))).append(numberCell(bytes(io.diskWritten())));
    return text.append("</tr>\n").toString();
  }

  private String ratioCell(CaseResult result, String engine, ReportTime time) {
    @Nullable CaseResult base = byKey.get(result.keyWith(engine));
    if (base == null || !base.isMeasured()) {
      return numberCell("");
    }
    return numberCell(
        engine.equals(result.engine())
            ? AxisText.ratio(1)
            : Overlap.ratio(time.of(result), time.of(base)));
  }

  /** In KiB if there are many. */
  private static String bytes(long bytes) {
    return bytes < 10_000 ? bytes + " B" : (bytes + 512 >> 10) + " KiB";
  }

  /** The system calls of the daemons in one change that was not timed. */
  String calls() {
    StringBuilder text = new StringBuilder();
    text.append(
        "<p>Counted by strace in one warm change that was not timed, with its fsync, in the");
    text.append(" threads that work for the kernel.</p>\n");
    text.append("<details>\n<summary>Each case</summary>\n").append(SCROLL);
    text.append("<tr><th>case</th><th>engine</th><th>calls</th><th>by kind</th></tr>\n");
    for (CaseResult each : run.cases()) {
      @Nullable SortedMap<String, Integer> calls = each.calls();
      if (calls != null) {
        int sum = calls.values().stream().mapToInt(Integer::intValue).sum();
        String title =
            each.fs()
                + " "
                + each.pattern()
                + " "
                + AxisText.size(each.size())
                + " depth "
                + each.depth();
        text.append("<tr>").append(cell(title)).append(nameCell(each.engine()));
        text.append(numberCell("" + sum)).append("<td class=\"wrap\">");
        text.append(Svg.escaped(kinds(calls))).append("</td></tr>\n");
      }
    }
    return text.append(END).append("</details>\n").toString();
  }

  private static String kinds(SortedMap<String, Integer> calls) {
    return String.join(
        ", ",
        calls.entrySet().stream()
            .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
            .map(entry -> entry.getKey() + " " + entry.getValue())
            .toList());
  }

  /** The description and the promise of each engine. */
  String engines() {
    StringBuilder text = new StringBuilder(SCROLL);
    text.append("<tr><th>engine</th><th>what it is</th><th>what it promises</th></tr>\n");
    for (BenchRun.EngineInfo engine : run.engines()) {
      text.append("<tr>").append(nameCell(engine.name()));
      text.append("<td class=\"wrap\">").append(Svg.escaped(engine.description()));
      text.append("</td><td class=\"wrap\">").append(Svg.escaped(engine.promise()));
      text.append("</td></tr>\n");
    }
    return text.append(END).toString();
  }

  private String nameCell(String engine) {
    return "<td class=\"" + styles.of(engine) + "\"><i></i>" + Svg.escaped(engine) + "</td>";
  }

  private static String cell(String words) {
    return "<td>" + Svg.escaped(words) + "</td>";
  }

  private static String numberCell(String words) {
    return "<td class=\"number\">" + Svg.escaped(words) + "</td>";
  }
}
