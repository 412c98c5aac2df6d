package plyfs.cli.container;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import plyfs.cli.Ages;
import plyfs.cli.CommandFailure;
import plyfs.cli.Confirmation;
import plyfs.cli.Console;
import plyfs.cli.PastTime;
import plyfs.cli.StoreOption;
import plyfs.cli.format.Filters;
import plyfs.cli.format.UsageException;
import plyfs.container.Container;
import plyfs.container.Containers;
import plyfs.sys.ErrnoException;

/** Removes all containers that do not run. */
@Command(name = "prune", header = "Remove all containers that are stopped, with their changes.")
final class ContainerPruneCommand implements Callable<Integer> {
  @Mixin private StoreOption store = new StoreOption();

  @Option(
      names = "--filter",
      paramLabel = "KEY=VALUE",
      description =
          "Only containers with until=TIME (made before), label=KEY[=VALUE], or, without a label,"
              + " label!=KEY[=VALUE].")
  private List<String> filters = new ArrayList<>();

  @Option(
      names = {"-f", "--force"},
      description = "Do not ask.")
  private boolean isForced;

  @Override
  public Integer call() throws CommandFailure, IOException, UsageException, ErrnoException {
    Containers containers = new Containers(store.choose());
    Filters wanted = Filters.parse(filters, Set.of("until", Filters.LABEL, Filters.NOT_LABEL));
    List<Instant> limits = new ArrayList<>();
    for (String time : wanted.values("until")) {
      limits.add(PastTime.parse(time, Instant.now()));
    }
    if (!isForced && !Confirmation.given("WARNING! This will remove all stopped containers.")) {
      return 0;
    }
    List<String> removed = new ArrayList<>();
    long bytes = 0;
    for (Container container : containers.list(Console::complain)) {
      boolean isWanted =
          !containers.state(container).isRunning()
              && limits.stream().allMatch(limit -> container.created().isBefore(limit))
              && wanted.acceptsLabels(container.settings().labels());
      if (isWanted) {
        bytes += ContainerRemoval.remove(containers, container, false);
        removed.add(container.id());
      }
    }
    if (!removed.isEmpty()) {
      Console.OUT.println("Deleted Containers:");
      removed.forEach(Console.OUT::println);
      Console.OUT.println();
    }
    Console.OUT.println("Total reclaimed space: " + Ages.size(bytes));
    return 0;
  }
}
