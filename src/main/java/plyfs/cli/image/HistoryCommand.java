package plyfs.cli.image;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import plyfs.cli.CommandFailure;
import plyfs.cli.Console;
import plyfs.cli.FormatChoice;
import plyfs.cli.StoreOption;
import plyfs.cli.format.RowFormat;
import plyfs.cli.format.UsageException;
import plyfs.image.store.StoredImage;

/** Shows how an image was made. */
@Command(
    name = "history",
    header = "Show the steps that made an image, with their layers and sizes.",
    description = {
      "The last step stands first. LAYER is the number that 'plyfs tree' and 'plyfs explain' give to"
          + " the layer of the step, counted from the base, 1; a step without one changed no file."
          + " SIZE is what the files of the layer hold.",
      ""
    })
final class HistoryCommand implements Callable<Integer> {
  private static final String TABLE =
      "{{.ID}}\t{{.CreatedSince}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Layer}}\t{{.Comment}}";
  private static final String TABLE_WITH_TIMES = TABLE.replace(".CreatedSince", ".CreatedAt");

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description =
          "'table', 'table TEMPLATE', 'json', or a Go template such as '{{.Layer}} {{.CreatedBy}}'.")
  private String format = "";

  @Option(
      names = {"-H", "--human"},
      defaultValue = "true",
      fallbackValue = "true",
      description = "Show sizes and times in words, which is the default; --human=false does not.")
  private boolean isHuman;

  @Option(names = "--json", description = "Print one JSON object a line, with exact values.")
  private boolean json;

  @Option(names = "--no-trunc", description = "Show IDs and commands to their end.")
  private boolean isWhole;

  @Option(
      names = {"-q", "--quiet"},
      description = "Only show IDs.")
  private boolean quiet;

  @Mixin private StoreOption store = new StoreOption();

  @Parameters(paramLabel = "IMAGE", description = "An image of the store.")
  private String name = "";

  @Override
  public Integer call() throws CommandFailure, UsageException, IOException {
    FormatChoice.check(format, json, quiet);
    RowFormat<HistoryRow> rows =
        RowFormat.parse(
            quiet ? "{{.ID}}" : format,
            isHuman ? TABLE : TABLE_WITH_TIMES,
            HistoryRow.fields(isWhole, isHuman));
    StoredImage image = store.choose().find(name);
    List<HistoryRow> steps = HistoryRow.of(image);
    if (!HistoryRow.fits(image)) {
      Console.complain(
          "the history of "
              + name
              + " does not name as many layers as there are ("
              + image.chainIds().size()
              + "), so who made them is unknown");
    }
    if (json) {
      steps.forEach(step -> Console.OUT.println(step.toJson()));
    } else {
      rows.print(steps, Console.OUT);
    }
    return 0;
  }
}
