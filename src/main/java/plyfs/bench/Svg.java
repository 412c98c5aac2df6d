package plyfs.bench;

import java.util.Locale;

/** Writes the elements of a picture; coordinates have one decimal. */
final class Svg {
  private final StringBuilder text = new StringBuilder();

  /**
   * Begins a picture with the width of its container.
   *
   * @param label description for screen readers
   */
  Svg(double width, double height, String label) {
    text.append("<svg viewBox=\"0 0 ").append(number(width)).append(' ').append(number(height));
    text.append("\" role=\"img\" aria-label=\"").append(escaped(label)).append("\">\n");
  }

  static String escaped(String value) {
    return value
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  void line(String style, double x1, double y1, double x2, double y2) {
    text.append("<line class=\"").append(style).append("\" x1=\"").append(number(x1));
    text.append("\" y1=\"").append(number(y1)).append("\" x2=\"").append(number(x2));
    text.append("\" y2=\"").append(number(y2)).append("\"/>\n");
  }

  /**
   * A line through points.
   *
   * @param places x and y of each point
   */
  void path(String style, double... places) {
    text.append("<polyline class=\"").append(style).append("\" points=\"");
    for (int i = 0; i < places.length; i += 2) {
      text.append(i == 0 ? "" : " ").append(number(places[i])).append(',');
      text.append(number(places[i + 1]));
    }
    text.append("\"/>\n");
  }

  /** A dot with a tooltip. */
  void dot(String style, double x, double y, double radius, String title) {
    text.append("<circle class=\"").append(style).append("\" cx=\"").append(number(x));
    text.append("\" cy=\"").append(number(y)).append("\" r=\"").append(number(radius));
    text.append("\"><title>").append(escaped(title)).append("</title></circle>\n");
  }

  /**
   * A text.
   *
   * @param anchor {@code start}, {@code middle} or {@code end}
   */
  void words(String style, double x, double y, String anchor, String words) {
    text.append("<text class=\"").append(style).append("\" x=\"").append(number(x));
    text.append("\" y=\"").append(number(y)).append("\" text-anchor=\"").append(anchor);
    text.append("\">").append(escaped(words)).append("</text>\n");
  }

  /** Ends the picture. */
  String end() {
    return text + "</svg>\n";
  }
}
