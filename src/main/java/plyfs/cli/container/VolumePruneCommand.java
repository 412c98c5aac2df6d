package plyfs.cli.container;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import plyfs.cli.Ages;
import plyfs.cli.CommandFailure;
import plyfs.cli.Confirmation;
import plyfs.cli.Console;
import plyfs.cli.StoreOption;
import plyfs.cli.format.Filters;
import plyfs.cli.format.UsageException;
import plyfs.container.Volume;
import plyfs.container.Volumes;

/** Removes volumes that no container mounts. */
@Command(name = "prune", header = "Remove volumes without a name that no container mounts.")
final class VolumePruneCommand implements Callable<Integer> {
  @Mixin private StoreOption store = new StoreOption();

  @Option(
      names = {"-a", "--all"},
      description = "Remove volumes with a name, too.")
  private boolean isAll;

  @Option(
      names = "--filter",
      paramLabel = "label=KEY[=VALUE]",
      description = "Only volumes with this label; with label!=KEY[=VALUE], only those without it.")
  private List<String> filters = new ArrayList<>();

  @Option(
      names = {"-f", "--force"},
      description = "Do not ask.")
  private boolean isForced;

  @Override
  public Integer call() throws CommandFailure, IOException, UsageException {
    Volumes volumes = new Volumes(store.choose());
    Filters wanted = Filters.parse(filters, Set.of(Filters.LABEL, Filters.NOT_LABEL));
    String which = isAll ? "all" : "anonymous";
    if (!isForced
        && !Confirmation.given(
            "WARNING! This will remove "
                + which
                + " local volumes not used by at least one container.")) {
      return 0;
    }
    Map<String, Long> sizes = new HashMap<>();
    for (Volume volume : volumes.list(Console::complain)) {
      sizes.put(volume.name(), Volumes.bytes(volume));
    }
    List<Volume> removed =
        volumes.removeAll(
            volume -> (isAll || volume.isAnonymous()) && wanted.acceptsLabels(volume.labels()),
            ContainerNotices.SHOWN);
    long bytes = 0;
    if (!removed.isEmpty()) {
      Console.OUT.println("Deleted Volumes:");
      for (Volume volume : removed) {
        Console.OUT.println(volume.name());
        bytes += sizes.getOrDefault(volume.name(), 0L);
      }
      Console.OUT.println();
    }
    Console.OUT.println("Total reclaimed space: " + Ages.size(bytes));
    return 0;
  }
}
