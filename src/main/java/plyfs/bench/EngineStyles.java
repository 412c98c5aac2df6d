package plyfs.bench;

import java.util.List;

/**
 * Which colour an engine has everywhere in a report.
 *
 * @param names the engines, in the order they are shown in
 */
record EngineStyles(List<String> names) {
  private static final int COLOURS = 6;

  /** Class of the style sheet. */
  String of(String engine) {
    if (engine.equals(PlainEngine.RAW) || engine.equals(PlainEngine.CP)) {
      return "e-" + engine;
    }
    List<String> unions =
        names.stream()
            .filter(name -> !name.equals(PlainEngine.RAW) && !name.equals(PlainEngine.CP))
            .toList();
    return "e" + unions.indexOf(engine) % COLOURS;
  }

  /** Letters of the longest name. */
  int longestName() {
    return names.stream().mapToInt(String::length).max().orElse(0);
  }

  /** Names with their colours. */
  String legend() {
    StringBuilder text = new StringBuilder("<p class=\"legend\">");
    for (String name : names) {
      text.append("<span class=\"").append(of(name)).append("\"><i></i>");
      text.append(Svg.escaped(name)).append("</span> ");
    }
    return text.append("</p>\n").toString();
  }
}
