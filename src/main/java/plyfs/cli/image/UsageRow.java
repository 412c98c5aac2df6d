package plyfs.cli.image;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.cli.Ages;
import plyfs.cli.Console;
import plyfs.cli.format.Fields;
import plyfs.container.Container;
import plyfs.container.Containers;
import plyfs.container.Volume;
import plyfs.container.Volumes;
import plyfs.image.store.LayerStore;
import plyfs.image.store.StoreUsage;
import plyfs.image.store.StoredImage;

/**
 * A line of {@code plyfs df}: what the things of one type take.
 *
 * @param active how many are in use; null where that means nothing
 * @param reclaimable bytes of those that are not in use
 * @implNote docker/cli's formatter for disk usage
 */
record UsageRow(String type, int total, @Nullable Integer active, long bytes, long reclaimable) {

  /** A line for each type. */
  static List<UsageRow> of(LayerStore store) throws IOException {
    StoreUsage usage = new StoreUsage(store);
    ImageUses uses = new ImageUses(store);
    List<UsageRow> rows = new ArrayList<>();
    addImages(rows, usage, uses);
    rows.add(ofChanges(uses));
    Containers containers = new Containers(store);
    List<Container> all = containers.list(Console::complain);
    rows.add(ofContainers(containers, all));
    rows.add(ofVolumes(new Volumes(store).list(Console::complain), all));
    return rows;
  }

  private static void addImages(List<UsageRow> rows, StoreUsage usage, ImageUses uses)
      throws IOException {
    List<StoredImage> free = new ArrayList<>();
    for (StoredImage image : usage.images()) {
      if (uses.of(image).isEmpty()) {
        free.add(image);
      }
    }
    int total = usage.images().size();
    rows.add(
        new UsageRow("Images", total, total - free.size(), usage.bytes(), usage.reclaimable(free)));
    rows.add(
        new UsageRow(
            "Blobs", usage.blobs(), null, usage.blobBytes(), usage.reclaimableBlobs(free)));
  }

  private static UsageRow ofChanges(ImageUses uses) throws IOException {
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
    return new UsageRow("Changes", uses.kept().size(), active, bytes, idle);
  }

  /** As Docker's: what is active runs. */
  private static UsageRow ofContainers(Containers containers, List<Container> all)
      throws IOException {
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
    return new UsageRow("Containers", all.size(), running, bytes, idle);
  }

  /** As Docker's: what is active is mounted by a container. */
  private static UsageRow ofVolumes(List<Volume> volumes, List<Container> containers)
      throws IOException {
    int used = 0;
    long bytes = 0;
    long idle = 0;
    for (Volume volume : volumes) {
      long size = Volumes.bytes(volume);
      bytes += size;
      if (Volumes.users(volume.name(), containers).isEmpty()) {
        idle += size;
      } else {
        used++;
      }
    }
    return new UsageRow("Local Volumes", volumes.size(), used, bytes, idle);
  }

  /** What templates can name. */
  static Fields<UsageRow> fields() {
    return new Fields<UsageRow>()
        .add("Type", "TYPE", UsageRow::type)
        .add("TotalCount", "TOTAL", row -> Integer.toString(row.total))
        .add("Active", "ACTIVE", row -> row.active == null ? "" : row.active.toString())
        .add("Size", "SIZE", row -> Ages.size(row.bytes))
        .add("Reclaimable", "RECLAIMABLE", row -> Ages.size(row.reclaimable) + row.percent());
  }

  private String percent() {
    return bytes == 0 ? "" : " (" + Math.round(100.0 * reclaimable / bytes) + "%)";
  }

  /** Exact values, for programs. */
  JsonObject toJson() {
    JsonObject to = new JsonObject();
    to.addProperty("type", type);
    to.addProperty("total", total);
    if (active != null) {
      to.addProperty("active", active);
    }
    to.addProperty("bytes", bytes);
    to.addProperty("reclaimableBytes", reclaimable);
    return to;
  }
}
