package plyfs.cli.container;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import plyfs.cli.CommandFailure;
import plyfs.cli.Console;
import plyfs.cli.StoreOption;
import plyfs.container.BadArgumentException;
import plyfs.container.Volumes;

/** Makes a volume. */
@Command(
    name = "create",
    header = "Make a volume.",
    description = {
      "Prints its name; without one a volume gets 64 random digits. One that is there already"
          + " stays as it is.",
      ""
    })
final class VolumeCreateCommand implements Callable<Integer> {
  @Mixin private StoreOption store = new StoreOption();

  @Option(
      names = "--label",
      paramLabel = "KEY=VALUE",
      description = "Note this about the volume. May be repeated.")
  private List<String> labels = List.of();

  @Parameters(arity = "0..1", paramLabel = "VOLUME", description = "Name of the volume.")
  private String name = "";

  @Override
  public Integer call() throws CommandFailure, IOException {
    Map<String, String> noted = new LinkedHashMap<>();
    for (String label : labels) {
      int equal = label.indexOf('=');
      noted.put(
          equal < 0 ? label : label.substring(0, equal),
          equal < 0 ? "" : label.substring(equal + 1));
    }
    try {
      Console.OUT.println(new Volumes(store.choose()).create(name, noted, ContainerNotices.SHOWN));
      return 0;
    } catch (BadArgumentException e) {
      throw new CommandFailure(String.valueOf(e.getMessage()));
    }
  }
}
