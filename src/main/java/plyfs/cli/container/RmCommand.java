package plyfs.cli.container;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import plyfs.cli.CommandFailure;
import plyfs.cli.Console;
import plyfs.cli.FailureText;
import plyfs.cli.StoreOption;
import plyfs.container.Container;
import plyfs.container.Containers;
import plyfs.container.NoSuchContainerException;
import plyfs.sys.ErrnoException;

/** Removes containers. */
@Command(
    name = "rm",
    header = "Remove containers with their changes.",
    description = {"The image and volumes with a name stay.", ""})
final class RmCommand implements Callable<Integer> {
  private static final int SECONDS = 2;

  @Mixin private StoreOption store = new StoreOption();

  @Option(
      names = {"-f", "--force"},
      description = "Stop a container that runs first, also if programs use it.")
  private boolean isForced;

  @Option(
      names = {"-v", "--volumes"},
      description = "Remove its volumes without a name, too.")
  private boolean withVolumes;

  @Parameters(arity = "1..*", paramLabel = "CONTAINER", description = "Names or IDs of containers.")
  private List<String> names = List.of();

  @Override
  public Integer call() throws CommandFailure {
    Containers containers = new Containers(store.choose());
    return EachName.of(
        names,
        name -> {
          try {
            return remove(containers, name);
          } catch (NoSuchContainerException e) {
            if (!isForced) {
              throw e;
            }
            Console.complain(FailureText.of(e)); // and no failure, as in Docker
            return "";
          }
        });
  }

  private String remove(Containers containers, String name)
      throws CommandFailure, IOException, ErrnoException {
    Container container = containers.find(name);
    if (isForced || !containers.state(container).isRunning()) {
      ContainerStop.stop(containers, container, SECONDS, true);
    }
    ContainerRemoval.remove(containers, container, withVolumes);
    return name;
  }
}
