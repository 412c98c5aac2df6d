package plyfs.bench;

import java.util.List;
import java.util.function.Function;

/**
 * Cost by kind: a row for each kind with a lane for each engine, a dot at the median and a line
 * between the quartiles. Dots instead of bars, because a logarithmic axis has no zero.
 */
final class LaneChart {
  private static final double WIDTH = 400;
  private static final double TOP = 4;
  private static final double LANE = 8;
  private static final double GAP = 10;
  private static final double LETTER = 6;
  private static final double TICK_ROOM = 24;

  private final EngineStyles styles;
  private final Function<CaseResult, String> kind;

  LaneChart(EngineStyles styles, Function<CaseResult, String> kind) {
    this.styles = styles;
    this.kind = kind;
  }

  /** Draws cases, at least one, in the order of their kinds. */
  String draw(List<CaseResult> cases, ReportTime time, String label) {
    List<String> kinds = cases.stream().map(kind).distinct().toList();
    int lanes = styles.names().size();
    double row = lanes * LANE + GAP;
    double bottom = TOP + kinds.size() * row;
    double left = 12 + LETTER * kinds.stream().mapToInt(String::length).max().orElse(0);
    LogScale across = time.scale(cases, left, WIDTH - 12);
    Svg svg = new Svg(WIDTH, bottom + 24, label);
    for (double tick : across.ticks()) {
      svg.line("grid", across.at(tick), TOP, across.at(tick), bottom);
      String words = AxisText.tick(tick);
      String anchor = across.at(tick) > WIDTH - TICK_ROOM ? "end" : "middle";
      svg.words("tick", across.at(tick), bottom + 14, anchor, words);
    }
    for (int i = 0; i < kinds.size(); i++) {
      double top = TOP + i * row;
      svg.words("kind", left - 8, top + row / 2 + 3.5, "end", kinds.get(i));
      svg.line(i + 1 < kinds.size() ? "grid" : "axis", left, top + row, WIDTH - 8, top + row);
      for (CaseResult each : cases) {
        if (kind.apply(each).equals(kinds.get(i))) {
          double y = top + GAP / 2 + LANE * (styles.names().indexOf(each.engine()) + 0.5);
          mark(svg, each, time, across, y);
        }
      }
    }
    return svg.end();
  }

  private void mark(Svg svg, CaseResult result, ReportTime time, LogScale across, double y) {
    Statistics statistics = time.of(result);
    String style = styles.of(result.engine());
    svg.line(
        "spread wide " + style,
        across.at(statistics.quartile1()),
        y,
        across.at(statistics.quartile3()),
        y);
    svg.dot("dot " + style, across.at(statistics.median()), y, 3.4, time.title(result));
  }
}
