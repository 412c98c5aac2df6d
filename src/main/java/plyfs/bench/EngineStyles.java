package plyfs.bench;

import java.util.List;
import java.util.Set;

/**
 * The colour of each engine in a report.
 *
 * @param names the engines, in their order in the report
 */
record EngineStyles(List<String> names) {
  /** Engines with a fixed colour in all reports. */
  private static final Set<String> OWN_COLOUR =
      Set.of(
          PlyfsEngine.NAME,
          KernelEngine.NAME,
          FuseOverlayEngine.NAME,
          PlainEngine.VOLUME,
          PlainEngine.CP);

  /** Colours for engines with options. */
  private static final int FURTHER_COLOURS = 4;

  /** The class in the style sheet. */
  String of(String engine) {
    if (OWN_COLOUR.contains(engine)) {
      return "e-" + engine;
    }
    List<String> further = names.stream().filter(name -> !OWN_COLOUR.contains(name)).toList();
    return "e" + further.indexOf(engine) % FURTHER_COLOURS;
  }

  /** Length of the longest name. */
  int longestName() {
    return names.stream().mapToInt(String::length).max().orElse(0);
  }

  /** The legend: names with their colours. */
  String legend() {
    StringBuilder text = new StringBuilder("<p class=\"legend\">");
    for (String name : names) {
      text.append("<span class=\"").append(of(name)).append("\"><i></i>");
      text.append(Svg.escaped(name)).append("</span> ");
    }
    return text.append("</p>\n").toString();
  }
}
