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
import plyfs.container.Container;
import plyfs.container.ContainerMount;
import plyfs.container.Containers;
import plyfs.container.Volume;
import plyfs.container.Volumes;
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
            + " 'plyfs prune --all' would free, of changes, what no mount uses now, of containers,"
            + " those that do not run, and of volumes, those that no container mounts.")
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
      Console.OUT.println();
      containers(of).print(Console.OUT);
      Console.OUT.println();
      volumes(of).print(Console.OUT);
    } else {
      Table table = summary(usage, uses);
      addContainers(table, of);
      table.print(Console.OUT);
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

  /** Rows as Docker's: what is active runs, or is mounted by a container. */
  private static void addContainers(Table table, LayerStore store) throws IOException {
    Containers containers = new Containers(store);
    List<Container> all = containers.list();
    int running = 0;
    long bytes = 0;
    long idle = 0;
    for (Container container : all) {
      long size = containers.bytes(container);
      bytes += size;
      if (containers.state(container).isRunning()) {
        running++;
      } else {
        idle += size;
      }
    }
    table.row(row("Containers", all.size(), running, bytes, idle));
    int used = 0;
    bytes = 0;
    idle = 0;
    List<Volume> volumes = new Volumes(store).list(Console::complain);
    for (Volume volume : volumes) {
      long size = Volumes.bytes(volume);
      bytes += size;
      if (Volumes.users(volume.name(), all).isEmpty()) {
        idle += size;
      } else {
        used++;
      }
    }
    table.row(row("Local Volumes", volumes.size(), used, bytes, idle));
  }

  private static String[] row(String what, int total, int active, long bytes, long idle) {
    return new String[] {
      what,
      Integer.toString(total),
      Integer.toString(active),
      Ages.size(bytes),
      Ages.size(idle) + percent(idle, bytes)
    };
  }

  private static Table containers(LayerStore store) throws IOException {
    Table table =
        new Table("CONTAINER ID", "IMAGE", "LOCAL VOLUMES", "SIZE", "CREATED", "STATUS", "NAMES");
    Containers containers = new Containers(store);
    for (Container container : containers.list()) {
      long volumes =
          container.settings().mounts().stream()
              .filter(mount -> mount.kind() == ContainerMount.Kind.VOLUME)
              .count();
      table.row(
          container.shortId(),
          container.imageName(),
          Long.toString(volumes),
          Ages.size(containers.bytes(container)),
          ImageRow.since(container.created()),
          containers.state(container).status().toString(),
          container.name());
    }
    return table;
  }

  private static Table volumes(LayerStore store) throws IOException {
    Table table = new Table("VOLUME NAME", "LINKS", "SIZE");
    List<Container> all = new Containers(store).list();
    for (Volume volume : new Volumes(store).list(Console::complain)) {
      table.row(
          volume.name(),
          Integer.toString(Volumes.users(volume.name(), all).size()),
          Ages.size(Volumes.bytes(volume)));
    }
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
