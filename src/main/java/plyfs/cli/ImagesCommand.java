package plyfs.cli;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import plyfs.image.store.StoredImage;

/** Lists the images of the store. */
@Command(name = "images", header = "List the images in the store.")
final class ImagesCommand implements Callable<Integer> {
  private static final List<String> NO_NAME = List.of("<none>:<none>");

  @Option(
      names = "--store",
      paramLabel = "DIR",
      description = "Where images are kept (default: $PLYFS_STORE, else /var/lib/plyfs for root).")
  private String store = "";

  @Override
  public Integer call() throws CommandFailure, IOException {
    Table table = new Table("REPOSITORY", "TAG", "IMAGE ID", "CREATED", "SIZE");
    for (StoredImage image : StoreChoice.ofOption(store).images()) {
      for (String name : image.tags().isEmpty() ? NO_NAME : image.tags()) {
        int colon = name.lastIndexOf(':');
        table.row(
            name.substring(0, colon),
            name.substring(colon + 1),
            image.id().shortHex(),
            age(image.created()),
            Ages.size(image.size()));
      }
    }
    table.print(Console.OUT);
    return 0;
  }

  private static String age(@Nullable Instant created) {
    return created == null ? "N/A" : Ages.about(Duration.between(created, Instant.now())) + " ago";
  }
}
