package plyfs.cli.image;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import plyfs.cli.CommandFailure;
import plyfs.cli.StoreOption;
import plyfs.image.model.Reference;
import plyfs.image.store.ImageNames;

/** Gives an image one more name. */
@Command(
    name = "tag",
    header = "Give an image one more name.",
    description =
        "If TARGET leads to another image, it leads to this one from now on, and the other image"
            + " keeps its other names.")
final class TagCommand implements Callable<Integer> {
  @Mixin private StoreOption store = new StoreOption();

  @Parameters(index = "0", paramLabel = "SOURCE", description = "Name or ID of an image.")
  private String source = "";

  @Parameters(
      index = "1",
      paramLabel = "TARGET",
      description =
          "The new name: [REGISTRY/]REPOSITORY[:TAG]; the tag is 'latest' if none is given.")
  private String target = "";

  @Override
  public Integer call() throws CommandFailure, IOException {
    Reference name = NewName.parse(target);
    new ImageNames(store.choose(), new LoadProgress()).put(source, name);
    return 0;
  }
}
