package plyfs.cli.container;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import plyfs.cli.CommandFailure;
import plyfs.cli.StoreOption;
import plyfs.container.Volumes;

/** Removes volumes. */
@Command(
    name = "rm",
    aliases = "remove",
    header = "Remove volumes with all that they hold.",
    description = {"A volume that a container mounts, running or not, stays.", ""})
final class VolumeRmCommand implements Callable<Integer> {
  @Mixin private StoreOption store = new StoreOption();

  @Option(
      names = {"-f", "--force"},
      description = "A volume that is not there is no failure.")
  private boolean isForced;

  @Parameters(arity = "1..*", paramLabel = "VOLUME", description = "Names of volumes.")
  private List<String> names = List.of();

  @Override
  public Integer call() throws CommandFailure {
    Volumes volumes = new Volumes(store.choose());
    return EachName.of(
        names,
        name -> {
          if (!isForced || volumes.isThere(name)) {
            volumes.remove(name, ContainerNotices.SHOWN);
          }
          return name;
        });
  }
}
