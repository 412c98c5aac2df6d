package plyfs.cli.image;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import plyfs.cli.Ages;
import plyfs.cli.CommandFailure;
import plyfs.cli.Console;
import plyfs.cli.StoreOption;
import plyfs.cli.format.Table;
import plyfs.image.store.LayerStore;
import plyfs.image.store.StoreUsage;
import plyfs.image.store.StoredImage;

/** Says how much room the store takes. */
@Command(
    name = "df",
    header = "Show how much room images and changes take in the store.",
    description =
        "A layer that several images have is counted once. Blobs are manifests and compressed layers,"
            + " kept as they came. RECLAIMABLE is, of images, what"
            + " 'plyfs prune --all' would free, and of changes, what no mount uses now.")
final class DfCommand implements Callable<Integer> {
  @Mixin private StoreOption store = new StoreOption();

  @Option(
      names = {"-v", "--verbose"},
      description = "Show each image, with what it shares with others and what only it has.")
  private boolean isVerbose;

  @Override
  public Integer call() throws CommandFailure, IOException {
    LayerStore of = store.choose();
    StoreUsage usage = new StoreUsage(of);
    ImageUses uses = new ImageUses(of);
    if (isVerbose) {
      images(usage, uses).print(Console.OUT);
    } else {
      summary(usage, uses).print(Console.OUT);
    }
    return 0;
  }

  private static Table summary(StoreUsage usage, ImageUses uses) throws IOException {
    List<StoredImage> free = new ArrayList<>();
    for (StoredImage image : usage.images()) {
      if (uses.of(image).isEmpty()) {
        free.add(image);
      }
    }
    Table table = new Table("TYPE", "TOTAL", "ACTIVE", "SIZE", "RECLAIMABLE");
    long reclaimable = usage.reclaimable(free);
    int total = usage.images().size();
    table.row(
        "Images",
        Integer.toString(total),
        Integer.toString(total - free.size()),
        Ages.size(usage.bytes()),
        Ages.size(reclaimable) + percent(reclaimable, usage.bytes()));
    long blobs = usage.reclaimableBlobs(free);
    table.row(
        "Blobs",
        Integer.toString(usage.blobs()),
        "",
        Ages.size(usage.blobBytes()),
        Ages.size(blobs) + percent(blobs, usage.blobBytes()));
    int active = 0;
    long bytes = 0;
    long idle = 0;
    for (KeptChanges changes : uses.kept()) {
      long size = changes.bytes();
      bytes += size;
      if (uses.isMounted(changes)) {
        active++;
      } else {
        idle += size;
      }
    }
    table.row(
        "Changes",
        Integer.toString(uses.kept().size()),
        Integer.toString(active),
        Ages.size(bytes),
        Ages.size(idle) + percent(idle, bytes));
    return table;
  }

  private static String percent(long part, long whole) {
    return whole == 0 ? "" : " (" + Math.round(100.0 * part / whole) + "%)";
  }

  private static Table images(StoreUsage usage, ImageUses uses) throws IOException {
    Table table =
        new Table(
            "REPOSITORY",
            "TAG",
            "IMAGE ID",
            "CREATED",
            "SIZE",
            "SHARED SIZE",
            "UNIQUE SIZE",
            "MOUNTS");
    for (StoredImage image : usage.images()) {
      int mounts = uses.mountsOf(image).size();
      for (ImageRow row : ImageRow.of(image, image.tags(), List.of(), false)) {
        table.row(
            row.repository(),
            row.tag(),
            image.id().shortHex(),
            ImageRow.since(image.created()),
            Ages.size(image.size()),
            Ages.size(usage.shared(image)),
            Ages.size(usage.unique(image)),
            Integer.toString(mounts));
      }
    }
    return table;
  }
}
