package plyfs.cli.image;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import plyfs.cli.CommandFailure;
import plyfs.cli.Console;
import plyfs.cli.FormatChoice;
import plyfs.cli.StoreOption;
import plyfs.cli.format.RowFormat;
import plyfs.cli.format.UsageException;
import plyfs.image.store.LayerStore;

/** Says how much room the store takes. */
@Command(
    name = "df",
    header = "Show how much room images and changes take in the store.",
    description =
        "A layer that several images have is counted once. Blobs are manifests and compressed layers,"
            + " kept as they came. RECLAIMABLE is, of images, what"
            + " 'plyfs prune --all' would free, of changes, what no mount uses now, of containers,"
            + " those that do not run, and of volumes, those that no container mounts.")
final class DfCommand implements Callable<Integer> {
  private static final String TABLE =
      "{{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}";

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description =
          "'table', 'table TEMPLATE', 'json', or a Go template such as '{{.Type}} {{.Size}}'; with"
              + " -v 'json' or a template for all at once, such as"
              + " '{{range .Images}}{{.ID}} {{.UniqueSize}}, {{end}}'.")
  private String format = "";

  @Option(names = "--json", description = "Print one JSON object a line, with exact values.")
  private boolean json;

  @Option(
      names = {"-v", "--verbose"},
      description = "Show each image, with what it shares with others and what only it has.")
  private boolean isVerbose;

  @Mixin private StoreOption store = new StoreOption();

  @Override
  public Integer call() throws CommandFailure, UsageException, IOException {
    FormatChoice.check(format, json, false);
    if (isVerbose) {
      showEach();
      return 0;
    }
    RowFormat<UsageRow> lines = RowFormat.parse(format, TABLE, UsageRow.fields());
    List<UsageRow> rows = UsageRow.of(store.choose());
    if (json) {
      rows.forEach(row -> Console.OUT.println(row.toJson()));
    } else {
      lines.print(rows, Console.OUT);
    }
    return 0;
  }

  private void showEach() throws CommandFailure, UsageException, IOException {
    if (RowFormat.isTable(format) && !format.equals("table")) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "'--format table TEMPLATE' cannot be given with '-v', which shows three tables: leave"
              + " 'table' out, or '-v'");
    }
    LayerStore of = store.choose();
    UsageDetails details = new UsageDetails(of);
    if (json) {
      details.toJson().forEach(Console.OUT::println);
    } else if (format.isEmpty() || format.equals("table")) {
      details.print();
    } else {
      details.print(format);
    }
  }
}
