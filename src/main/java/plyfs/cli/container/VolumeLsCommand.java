package plyfs.cli.container;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import plyfs.cli.CommandFailure;
import plyfs.cli.Console;
import plyfs.cli.FormatChoice;
import plyfs.cli.StoreOption;
import plyfs.cli.format.Filters;
import plyfs.cli.format.RowFormat;
import plyfs.cli.format.UsageException;
import plyfs.container.Container;
import plyfs.container.Containers;
import plyfs.container.Volume;
import plyfs.container.Volumes;
import plyfs.image.store.LayerStore;

/** Lists volumes. */
@Command(name = "ls", aliases = "list", header = "List volumes.")
final class VolumeLsCommand implements Callable<Integer> {
  private static final String TABLE = "{{.Driver}}\t{{.Name}}";

  @Mixin private StoreOption store = new StoreOption();

  @Option(
      names = {"-f", "--filter"},
      paramLabel = "KEY=VALUE",
      description = "Only volumes with dangling=true|false, label=KEY[=VALUE] or name=PART.")
  private List<String> filters = new ArrayList<>();

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "'table', 'table TEMPLATE', 'json', or a Go template such as '{{.Name}}'.")
  private String format = "";

  @Option(names = "--json", description = "Print one JSON object a line, with exact values.")
  private boolean json;

  @Option(
      names = {"-q", "--quiet"},
      description = "Only show names.")
  private boolean quiet;

  @Override
  public Integer call() throws CommandFailure, IOException, UsageException {
    FormatChoice.check(format, json, quiet);
    LayerStore from = store.choose();
    Filters wanted = Filters.parse(filters, Set.of("dangling", "label", "name"));
    @Nullable Boolean dangling = wanted.truth("dangling");
    List<Container> containers = new Containers(from).list(Console::complain);
    List<VolumeRow> rows = new ArrayList<>();
    for (Volume volume : new Volumes(from).list(Console::complain)) {
      List<String> users = Volumes.users(volume.name(), containers);
      List<String> names = wanted.values("name");
      boolean isWanted =
          (dangling == null || dangling == users.isEmpty())
              && (names.isEmpty() || names.stream().anyMatch(volume.name()::contains))
              && wanted.acceptsLabels(volume.labels());
      if (isWanted) {
        rows.add(new VolumeRow(volume, users));
      }
    }
    if (json) {
      for (VolumeRow row : rows) {
        Console.OUT.println(row.toJson());
      }
      return 0;
    }
    RowFormat.parse(quiet ? "{{.Name}}" : format, TABLE, VolumeRow.fields())
        .print(rows, Console.OUT);
    return 0;
  }
}
