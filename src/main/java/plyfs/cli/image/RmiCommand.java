package plyfs.cli.image;

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
import plyfs.image.store.ImageRemoval;
import plyfs.image.store.LayerStore;

/** Removes names and images from the store. */
@Command(
    name = "rmi",
    header = "Remove images from the store.",
    description =
        "Takes the name away, and removes the image with its last name: its layers go unless other"
            + " images have them. An image that a mount uses stays.")
final class RmiCommand implements Callable<Integer> {
  @Mixin private StoreOption store = new StoreOption();

  @Option(
      names = {"-f", "--force"},
      description =
          "Take an ID with all its names, even of several repositories; take the last name of an"
              + " image that is in use, which stays without a name.")
  private boolean isForced;

  @Parameters(arity = "1..*", paramLabel = "IMAGE", description = "Names or IDs of images.")
  private List<String> images = List.of();

  @Override
  public Integer call() throws CommandFailure, IOException {
    LayerStore from = store.choose();
    int code = 0;
    for (String image : images) {
      try {
        ImageRemoval removal = new ImageRemoval(from, new ImageUses(from), new LoadProgress());
        print(removal.remove(image, isForced));
      } catch (IOException e) {
        Console.OUT.flush();
        Console.complain(FailureText.of(e));
        code = CommandFailure.FAILED;
      }
    }
    return code;
  }

  private static void print(ImageRemoval.Removed removed) {
    removed.names().forEach(name -> Console.OUT.println("Untagged: " + name));
    removed.images().forEach(id -> Console.OUT.println("Deleted: " + id));
    removed.layers().forEach(id -> Console.OUT.println("Deleted: " + id));
  }
}
