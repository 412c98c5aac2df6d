package plyfs.cli.image;

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
import plyfs.image.store.ImageRemoval;
import plyfs.image.store.LayerStore;
import plyfs.image.store.StoredImage;

/** Removes images that are not in use. */
@Command(
    name = "prune",
    header = "Remove images without a name, or all that no mount uses.",
    description =
        "An image without a name is left when its name leads to another one. Images that a mount"
            + " uses stay, and so do those of which the store keeps the changes of a mount.")
final class PruneCommand implements Callable<Integer> {
  private static final String UNTIL = "until";
  private static final String DANGLING = "dangling";

  @Mixin private StoreOption store = new StoreOption();

  @Option(
      names = {"-a", "--all"},
      description = "Remove images with names, too.")
  private boolean isAll;

  @Option(
      names = "--filter",
      paramLabel = "KEY=VALUE",
      description =
          "Only images with until=TIME (created before), label=KEY[=VALUE], or, without a label,"
              + " label!=KEY[=VALUE]; dangling=false is --all. TIME is a time such as"
              + " 2026-11-30T12:00:00 or 2026-11-30, seconds since 1970, or a duration back from now"
              + " such as 24h or 1h30m.")
  private List<String> filters = new ArrayList<>();

  @Option(
      names = {"-f", "--force"},
      description = "Do not ask.")
  private boolean isForced;

  @Option(names = "--dry-run", description = "Only say what would be removed.")
  private boolean isDry;

  @Override
  public Integer call() throws CommandFailure, IOException, UsageException {
    LayerStore from = store.choose();
    Filters wanted =
        Filters.parse(filters, Set.of(UNTIL, DANGLING, Filters.LABEL, Filters.NOT_LABEL));
    Boolean dangling = wanted.truth(DANGLING);
    isAll = dangling == null ? isAll : !dangling;
    List<Instant> limits = new ArrayList<>();
    for (String time : wanted.values(UNTIL)) {
      limits.add(PastTime.parse(time, Instant.now()));
    }
    if (!isForced && !isDry && !Confirmation.given(warning())) {
      return 0;
    }
    ImageRemoval removal = new ImageRemoval(from, new ImageUses(from), new LoadProgress());
    print(removal.removeAll(image -> takes(image, limits, wanted), isDry));
    return 0;
  }

  private String warning() {
    return isAll
        ? "WARNING! This will remove all images that no mount uses."
        : "WARNING! This will remove all images without a name.";
  }

  private boolean takes(StoredImage image, List<Instant> limits, Filters wanted) {
    Instant created = image.created();
    for (Instant limit : limits) {
      // Its age is not known, so it stays.
      if (created == null || !created.isBefore(limit)) {
        return false;
      }
    }
    return (isAll || image.tags().isEmpty()) && wanted.acceptsLabels(image.details().labels());
  }

  private void print(ImageRemoval.Removed removed) {
    if (!removed.names().isEmpty() || !removed.images().isEmpty()) {
      Console.OUT.println(isDry ? "Images that would be deleted:" : "Deleted Images:");
      removed.names().forEach(name -> Console.OUT.println("untagged: " + name));
      removed.images().forEach(id -> Console.OUT.println("deleted: " + id));
      removed.layers().forEach(id -> Console.OUT.println("deleted: " + id));
      Console.OUT.println();
    }
    Console.OUT.println(
        (isDry ? "Reclaimable space: " : "Total reclaimed space: ") + Ages.size(removed.bytes()));
  }
}
