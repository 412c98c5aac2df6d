package plyfs.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import plyfs.bench.Comparison;
import plyfs.bench.RunFile;
import plyfs.cli.format.Table;

/** Shows what differs between two runs. */
@Command(
    name = "compare",
    header = "Show what changed between two runs of 'plyfs bench copy-up --json'.",
    description = {
      "A case has changed if the Mann-Whitney U test (two-sided, exact up to 20"
          + " samples) gives p < 0.01 and the medians differ by 5 %% or more. The interval"
          + " beside the ratio of medians is its 95 %% bootstrap percentile interval (2000"
          + " resamples). With fewer than 5 samples on either side, p cannot be below 0.01,"
          + " and the case stays undecided.",
      ""
    })
final class BenchCompareCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "A.json", description = "The earlier run.")
  private String before = "";

  @Parameters(index = "1", paramLabel = "B.json", description = "The later run.")
  private String after = "";

  @Override
  public Integer call() throws CommandFailure, IOException {
    Comparison comparison =
        Comparison.of(
            RunFile.read(GivenPath.javaPath(RawArguments.bytes(before))),
            RunFile.read(GivenPath.javaPath(RawArguments.bytes(after))));
    comparison.notes().forEach(Console.OUT::println);
    if (!comparison.changes().isEmpty()) {
      Table table = new Table("CASE", "TIME", "BEFORE", "AFTER", "RATIO", "95 %", "P");
      for (Comparison.Change change : comparison.changes()) {
        table.row(change.cells());
      }
      table.print(Console.OUT);
    }
    Console.OUT.println(comparison.summary());
    return 0;
  }
}
