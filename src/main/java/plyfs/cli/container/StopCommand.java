package plyfs.cli.container;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import plyfs.cli.CommandFailure;
import plyfs.cli.StoreOption;
import plyfs.container.Containers;

/** Unmounts containers. */
@Command(
    name = "stop",
    header = "Unmount containers, or end the programs that run in them.",
    description = {
      "The changes stay, and 'plyfs start' mounts a container again. A container that a program"
          + " uses stays mounted, and the message names the program.",
      ""
    })
final class StopCommand implements Callable<Integer> {
  @Mixin private StoreOption store = new StoreOption();

  @Option(
      names = {"-t", "--time", "--timeout"},
      paramLabel = "SECONDS",
      description = "How long a program of 'plyfs run' has before it is killed (default: 10).")
  private int seconds = 10;

  @Parameters(arity = "1..*", paramLabel = "CONTAINER", description = "Names or IDs of containers.")
  private List<String> names = List.of();

  @Override
  public Integer call() throws CommandFailure {
    Containers containers = new Containers(store.choose());
    return EachName.of(
        names,
        name -> {
          ContainerStop.stop(containers, containers.find(name), seconds, false);
          return name;
        });
  }
}
