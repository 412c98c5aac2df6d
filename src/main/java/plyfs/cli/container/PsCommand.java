package plyfs.cli.container;

import java.io.IOException;
import java.util.ArrayList;
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
import plyfs.container.Container;
import plyfs.container.Containers;
import plyfs.image.store.LayerStore;
import plyfs.sys.ErrnoException;

/** Lists running mounts, or containers. */
@Command(
    name = "ps",
    header = "List the mounts of this user, or the containers of the store.",
    description = {
      "Without options: every mount of this user, with a name or without, and mounts whose daemon"
          + " has died. With any option below: containers, which are the mounts with a name and"
          + " what 'plyfs run' made; only those that run, unless -a, -l, -n or a filter for the"
          + " status is given.",
      ""
    })
final class PsCommand implements Callable<Integer> {
  private static final String TABLE =
      "{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.RunningFor}}\t{{.Status}}\t{{.MountPoint}}"
          + "\t{{.Names}}";
  private static final String SIZE = "Size";

  @Option(
      names = {"-a", "--all"},
      description = "Show containers that are stopped, too.")
  private boolean all;

  @Option(
      names = {"-f", "--filter"},
      paramLabel = "KEY=VALUE",
      description =
          "Only containers with name=PART, status=created|running|exited|dead, ancestor=IMAGE,"
              + " label=KEY[=VALUE], volume=NAME, id=DIGITS or exited=CODE.")
  private List<String> filters = new ArrayList<>();

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "'table', 'table TEMPLATE', 'json', or a Go template such as '{{.Names}}'.")
  private String format = "";

  @Option(names = "--json", description = "Print one JSON object a line, with exact values.")
  private boolean json;

  @Option(
      names = {"-n", "--last"},
      paramLabel = "N",
      description = "Show the N containers that were made last.")
  private int last = -1;

  @Option(
      names = {"-l", "--latest"},
      description = "Show the container that was made last.")
  private boolean latest;

  @Option(names = "--no-trunc", description = "Show IDs and commands in full.")
  private boolean isWhole;

  @Option(
      names = {"-q", "--quiet"},
      description = "Only show IDs.")
  private boolean quiet;

  @Option(
      names = {"-s", "--size"},
      description = "Show the size of the changes, and with the image.")
  private boolean size;

  @Mixin private StoreOption store = new StoreOption();

  @Override
  public Integer call() throws CommandFailure, UsageException, IOException, ErrnoException {
    FormatChoice.check(format, json, quiet);
    boolean ofMounts =
        !(all || json || latest || isWhole || quiet || size)
            && last < 0
            && filters.isEmpty()
            && format.isEmpty();
    if (ofMounts) {
      MountTableRows.print();
      return 0;
    }
    LayerStore from = store.choose();
    List<ContainerRow> rows = rows(from);
    if (json) {
      for (ContainerRow row : rows) {
        Console.OUT.println(row.toJson());
      }
      return 0;
    }
    RowFormat<ContainerRow> lines =
        RowFormat.parse(quiet ? "{{.ID}}" : format, TABLE, ContainerRow.fields(isWhole));
    if (size) {
      lines = lines.withColumn(SIZE);
    }
    lines.print(rows, Console.OUT);
    return 0;
  }

  private List<ContainerRow> rows(LayerStore from)
      throws IOException, CommandFailure, UsageException {
    Containers containers = new Containers(from);
    ContainerFilter filter = ContainerFilter.of(filters, from);
    int most = latest ? 1 : last < 0 ? Integer.MAX_VALUE : last;
    boolean alsoStopped = all || latest || last >= 0 || filter.namesStatus();
    List<ContainerRow> rows = new ArrayList<>();
    for (Container container : containers.list(Console::complain)) {
      ContainerRow row = ContainerRow.of(from, containers, container);
      boolean isShown = alsoStopped || row.state().isRunning();
      if (rows.size() < most && isShown && filter.accepts(row)) {
        rows.add(row);
      }
    }
    return rows;
  }
}
