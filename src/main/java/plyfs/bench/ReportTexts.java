package plyfs.bench;

import java.util.List;

/** The sentences of a report. */
final class ReportTexts {
  private ReportTexts() {}

  static String introduction(BenchRun run) {
    StringBuilder text = new StringBuilder();
    text.append("<p>The first change of a file in a lower layer makes a union copy it up. This is");
    text.append(
        " what that costs, beside the same change in an ordinary file, as in a volume.</p>\n");
    String answer = FirstWrite.inWords(run);
    if (answer != null) {
      text.append("<p class=\"answer\">").append(Svg.escaped(answer)).append("</p>\n");
    }
    text.append("<p>").append(Temperature.IN_ONE_LINE).append("</p>\n");
    text.append("<pre>plyfs ").append(Svg.escaped(run.command())).append("</pre>\n");
    if (run.interrupted()) {
      text.append("<p class=\"warning\">The run was interrupted: cases are missing.</p>\n");
    }
    for (String sentence : run.warnings()) {
      text.append("<p class=\"warning\">Warning: ").append(Svg.escaped(sentence)).append("</p>\n");
    }
    for (String sentence : run.leftOut()) {
      text.append("<p class=\"warning\">").append(Svg.escaped(sentence)).append("</p>\n");
    }
    return text.toString();
  }

  static String definitions(BenchRun run) {
    StringBuilder text = new StringBuilder("<dl>\n");
    definition(
        text,
        "first byte",
        "from before the first system call until the change was answered, the walk along the whole"
            + " path included");
    definition(
        text,
        "durable",
        "from the same moment until fsync(2) has returned for the file, and for its directory where"
            + " a name changed");
    definition(
        text,
        "warm",
        "the file is in the page cache and was looked up once through the mount, and a daemon has"
            + " made "
            + run.warmUps()
            + " such changes of other files in directories of their own: the code of Plyfs is compiled"
            + " as it runs");
    definition(
        text,
        "cold",
        "caches are dropped, and it is the first change that a fresh mount sees: a daemon loads the"
            + " code for it, too");
    definition(
        text,
        "sample",
        "one change on a mount of its own, with an empty upper directory; the engines take turns in"
            + " an order that is drawn for each round. Shown are medians and quartiles");
    definition(
        text,
        "read, written",
        "of the daemon, or of the measuring process where there is none (/proc/PID/io), fsync"
            + " included");
    definition(
        text,
        "method",
        "from the daemon's system calls where they were traced, else from the file in the upper"
            + " directory: shared extents, holes, the mark of a metacopy. 'copied' says that data was"
            + " copied, and not by which call");
    for (ChangePattern pattern : patterns(run.patterns())) {
      definition(text, pattern.word(), pattern.meaning());
    }
    return text.append("</dl>\n").toString();
  }

  private static List<ChangePattern> patterns(List<String> words) {
    return words.stream().map(ChangePattern::of).toList();
  }

  private static void definition(StringBuilder text, String term, String meaning) {
    text.append("<dt>").append(Svg.escaped(term)).append("</dt><dd>");
    text.append(Svg.escaped(meaning)).append("</dd>\n");
  }

  static String machine(BenchRun run) {
    return "<p>" + Svg.escaped(run.machine().inWords() + "; begun " + run.date()) + ".</p>\n";
  }
}
