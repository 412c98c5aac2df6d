package plyfs.bench;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** Cost against a number, both on logarithmic axes: a line for each engine, labelled at its end. */
final class LineChart {
  private static final double WIDTH = 400;
  private static final double HEIGHT = 250;
  private static final double LEFT = 48;
  private static final double TOP = 8;
  private static final double BOTTOM = HEIGHT - 34;
  private static final double LETTER = 7.2;
  private static final double LABEL_HEIGHT = 12;
  private static final int MOST_TICKS = 6;

  private final EngineStyles styles;
  private final String axis;
  private final ToDoubleFunction<CaseResult> x;
  private final Function<Double, String> tickText;

  /**
   * A kind of chart.
   *
   * @param axis label of the horizontal axis
   * @param x the number of a case
   * @param tickText formats the number
   */
  LineChart(
      EngineStyles styles,
      String axis,
      ToDoubleFunction<CaseResult> x,
      Function<Double, String> tickText) {
    this.styles = styles;
    this.axis = axis;
    this.x = x;
    this.tickText = tickText;
  }

  private record Label(String style, String words, double y) {}

  /**
   * Draws.
   *
   * @param cases of one file system, pattern and temperature, at least one
   * @param time which of the two times
   */
  String draw(List<CaseResult> cases, ReportTime time, String label) {
    double right = WIDTH - 10 - LETTER * styles.longestName();
    List<Double> places = cases.stream().map(x::applyAsDouble).distinct().sorted().toList();
    LogScale across = LogScale.covering(places.get(0), places.get(places.size() - 1), LEFT, right);
    LogScale up = time.scale(cases, BOTTOM, TOP);
    Svg svg = new Svg(WIDTH, HEIGHT, label);
    for (double tick : up.ticks()) {
      svg.line("grid", LEFT, up.at(tick), right, up.at(tick));
      svg.words("tick", LEFT - 5, up.at(tick) + 3.5, "end", AxisText.tick(tick));
    }
    int every = (places.size() + MOST_TICKS - 1) / MOST_TICKS;
    for (int i = 0; i < places.size(); i += every) {
      double at = across.at(places.get(i));
      svg.line("mark", at, BOTTOM, at, BOTTOM + 4);
      svg.words("tick", at, BOTTOM + 15, "middle", tickText.apply(places.get(i)));
    }
    svg.line("axis", LEFT, BOTTOM, right, BOTTOM);
    svg.words("tick", (LEFT + right) / 2, HEIGHT - 5, "middle", axis);
    List<Label> labels = new ArrayList<>();
    for (String engine : styles.names()) {
      List<CaseResult> own =
          cases.stream()
              .filter(each -> each.engine().equals(engine))
              .sorted(Comparator.comparingDouble(x))
              .toList();
      if (!own.isEmpty()) {
        labels.add(line(svg, own, time, across, up));
      }
    }
    name(svg, labels, right + 6);
    return svg.end();
  }

  private Label line(Svg svg, List<CaseResult> own, ReportTime time, LogScale across, LogScale up) {
    String style = styles.of(own.get(0).engine());
    double[] places = new double[2 * own.size()];
    for (int i = 0; i < own.size(); i++) {
      Statistics statistics = time.of(own.get(i));
      places[2 * i] = across.at(x.applyAsDouble(own.get(i)));
      places[2 * i + 1] = up.at(statistics.median());
      svg.line(
          "spread " + style,
          places[2 * i],
          up.at(statistics.quartile1()),
          places[2 * i],
          up.at(statistics.quartile3()));
    }
    svg.path("line " + style, places);
    for (int i = 0; i < own.size(); i++) {
      svg.dot("dot " + style, places[2 * i], places[2 * i + 1], 3, time.title(own.get(i)));
    }
    return new Label(style, own.get(0).engine(), places[places.length - 1]);
  }

  /** Labels the ends of the lines; moves labels apart that would overlap. */
  private static void name(Svg svg, List<Label> labels, double left) {
    List<Label> sorted = new ArrayList<>(labels);
    sorted.sort(Comparator.comparingDouble(Label::y));
    double[] y = sorted.stream().mapToDouble(Label::y).toArray();
    for (int i = 1; i < y.length; i++) {
      y[i] = Math.max(y[i], y[i - 1] + LABEL_HEIGHT);
    }
    for (int i = y.length - 1; i >= 0; i--) {
      double room = i == y.length - 1 ? BOTTOM : y[i + 1] - LABEL_HEIGHT;
      y[i] = Math.min(y[i], room);
    }
    for (int i = 0; i < y.length; i++) {
      svg.words("name " + sorted.get(i).style(), left, y[i] + 3.5, "start", sorted.get(i).words());
    }
  }
}
