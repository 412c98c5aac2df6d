package plyfs.cli;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import plyfs.image.load.ImageLoader;
import plyfs.image.load.LoadedImage;
import plyfs.image.store.LayerStore;

/** Brings saved images into the store. */
@Command(
    name = "load",
    header = "Load saved images into the store.",
    description = {
      "A FILE is what 'docker save', podman or skopeo wrote, or an OCI layout as tar; a DIR is an OCI"
          + " layout. Layers may be plain, gzip or zstd. Every digest is checked, and a layer that"
          + " several images share is unpacked once. A load that fails leaves the store as it was."
    })
final class LoadCommand implements Callable<Integer> {
  @Option(
      names = "--store",
      paramLabel = "DIR",
      description = "Where images are kept (default: $PLYFS_STORE, else /var/lib/plyfs for root).")
  private String store = "";

  @Parameters(arity = "1..*", paramLabel = "FILE|DIR", description = "What to load.")
  private List<String> sources = List.of();

  @Override
  public Integer call() throws CommandFailure, IOException {
    LayerStore into = StoreChoice.ofOption(store);
    for (String source : sources) {
      LoadProgress progress = new LoadProgress();
      try {
        List<LoadedImage> images =
            ImageLoader.load(GivenPath.javaPath(RawArguments.bytes(source)), into, progress);
        images.forEach(LoadCommand::print);
      } finally {
        progress.clear();
      }
      Console.OUT.flush();
    }
    return 0;
  }

  private static void print(LoadedImage image) {
    for (String tag : image.tags()) {
      Console.OUT.println("Loaded image: " + tag);
    }
    if (image.tags().isEmpty()) {
      Console.OUT.println("Loaded image ID: " + image.id());
    }
  }
}
