package plyfs.cli.image;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import plyfs.cli.Ages;
import plyfs.cli.Console;
import plyfs.cli.format.Fields;
import plyfs.cli.format.RowFormat;
import plyfs.cli.format.Struct;
import plyfs.cli.format.TemplateException;
import plyfs.container.Container;
import plyfs.container.ContainerMount;
import plyfs.container.Containers;
import plyfs.container.Volume;
import plyfs.container.Volumes;
import plyfs.image.model.Digest;
import plyfs.image.store.LayerStore;
import plyfs.image.store.StoreUsage;
import plyfs.image.store.StoredImage;

/**
 * What {@code plyfs df -v} shows: each image, container and volume.
 *
 * @implNote docker/cli's formatter for disk usage
 */
final class UsageDetails {
  private static final String IMAGES =
      "{{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}\t{{.SharedSize}}"
          + "\t{{.UniqueSize}}\t{{.Mounts}}";
  private static final String CONTAINERS =
      "{{.ID}}\t{{.Image}}\t{{.LocalVolumes}}\t{{.Size}}\t{{.RunningFor}}\t{{.Status}}\t{{.Names}}";
  private static final String VOLUMES = "{{.Name}}\t{{.Links}}\t{{.Size}}";

  private final StoreUsage usage;
  private final List<Image> images = new ArrayList<>();
  private final List<OneContainer> containers = new ArrayList<>();
  private final List<OneVolume> volumes = new ArrayList<>();

  /**
   * An image.
   *
   * @param containers how many are made from it, also of those that do not run
   */
  private record Image(StoredImage image, int mounts, int containers) {}

  private record OneContainer(Container container, long bytes, String status) {
    long volumes() {
      return container.settings().mounts().stream()
          .filter(mount -> mount.kind() == ContainerMount.Kind.VOLUME)
          .count();
    }
  }

  private record OneVolume(Volume volume, long bytes, int users) {}

  /** A line of the table of images: an image under one of its names. */
  private record Line(Image of, ImageRow row) {}

  UsageDetails(LayerStore store) throws IOException {
    usage = new StoreUsage(store);
    ImageUses uses = new ImageUses(store);
    Containers from = new Containers(store);
    for (StoredImage image : usage.images()) {
      images.add(new Image(image, uses.mountsOf(image).size(), from.of(image.id()).size()));
    }
    List<Container> all = from.list(Console::complain);
    for (Container container : all) {
      containers.add(
          new OneContainer(
              container, from.bytes(container), from.state(container).status().toString()));
    }
    for (Volume volume : new Volumes(store).list(Console::complain)) {
      int users = Volumes.users(volume.name(), all).size();
      volumes.add(new OneVolume(volume, Volumes.bytes(volume), users));
    }
  }

  /** Prints three tables. */
  void print() throws TemplateException {
    List<Line> lines = new ArrayList<>();
    for (Image image : images) {
      ImageRow.of(image.image, image.image.tags(), List.of(), false)
          .forEach(row -> lines.add(new Line(image, row)));
    }
    RowFormat.parse("", IMAGES, imageFields(false)).print(lines, Console.OUT);
    Console.OUT.println();
    RowFormat.parse("", CONTAINERS, containerFields(false)).print(containers, Console.OUT);
    Console.OUT.println();
    RowFormat.parse("", VOLUMES, volumeFields()).print(volumes, Console.OUT);
  }

  /**
   * Applies a template, or {@code json}, to one object that has lists of all, as Docker does. An
   * image is there once, by its first name, and IDs have all their digits.
   */
  void print(String format) throws TemplateException {
    List<Line> lines = new ArrayList<>();
    for (Image image : images) {
      ImageRow first = ImageRow.of(image.image, image.image.tags(), List.of(), false).get(0);
      lines.add(new Line(image, first));
    }
    Map<String, @Nullable Object> all = new LinkedHashMap<>();
    all.put("Images", imageFields(true).of(lines));
    all.put("Containers", containerFields(true).of(containers));
    all.put("Volumes", volumeFields().of(volumes));
    all.put("BuildCache", List.of());
    RowFormat.printOne(format, Struct.of(all), Console.OUT);
  }

  private Fields<Line> imageFields(boolean isWhole) {
    return new Fields<Line>()
        .add("Repository", "REPOSITORY", line -> line.row.repository())
        .add("Tag", "TAG", line -> line.row.tag())
        .add("Digest", "DIGEST", line -> line.row.digest())
        .add("ID", "IMAGE ID", line -> isWhole ? id(line).toString() : id(line).shortHex())
        .add("CreatedSince", "CREATED", line -> ImageRow.since(line.of.image.created()))
        .add("CreatedAt", "CREATED AT", line -> ImageRow.at(line.of.image.created()))
        .add("Size", "SIZE", line -> Ages.size(line.of.image.size()))
        .add("SharedSize", "SHARED SIZE", line -> Ages.size(usage.shared(line.of.image)))
        .add("UniqueSize", "UNIQUE SIZE", line -> Ages.size(usage.unique(line.of.image)))
        .add("Containers", "CONTAINERS", line -> Integer.toString(line.of.containers))
        .add("Mounts", "MOUNTS", line -> Integer.toString(line.of.mounts));
  }

  private static Digest id(Line line) {
    return line.of.image.id();
  }

  private static Fields<OneContainer> containerFields(boolean isWhole) {
    return new Fields<OneContainer>()
        .add("ID", "CONTAINER ID", one -> isWhole ? one.container.id() : one.container.shortId())
        .add("Image", "IMAGE", one -> one.container.imageName())
        .add("LocalVolumes", "LOCAL VOLUMES", one -> Long.toString(one.volumes()))
        .add("Size", "SIZE", one -> Ages.size(one.bytes))
        .add("RunningFor", "CREATED", one -> ImageRow.since(one.container.created()))
        .add("CreatedAt", "CREATED AT", one -> ImageRow.at(one.container.created()))
        .add("Status", "STATUS", OneContainer::status)
        .add("State", "STATE", OneContainer::status)
        .add("Labels", "LABELS", one -> labels(one.container.settings().labels()))
        .add("Names", "NAMES", one -> one.container.name());
  }

  private static Fields<OneVolume> volumeFields() {
    return new Fields<OneVolume>()
        .add("Name", "VOLUME NAME", one -> one.volume.name())
        .add("Links", "LINKS", one -> Integer.toString(one.users))
        .add("Size", "SIZE", one -> Ages.size(one.bytes))
        .add("Mountpoint", "MOUNTPOINT", one -> one.volume.data().toString())
        .add("Labels", "LABELS", one -> labels(one.volume.labels()))
        .add("Driver", "DRIVER", one -> "local")
        .add("Scope", "SCOPE", one -> "local");
  }

  private static String labels(Map<String, String> labels) {
    List<String> texts = new ArrayList<>();
    labels.forEach((key, value) -> texts.add(key + "=" + value));
    return String.join(",", texts);
  }

  /** Exact values, for programs: one object for each image, container and volume. */
  List<JsonObject> toJson() {
    List<JsonObject> all = new ArrayList<>();
    for (Image one : images) {
      JsonObject to = object("Image", "id", one.image.id().toString());
      JsonArray names = new JsonArray();
      one.image.tags().forEach(names::add);
      to.add("names", names);
      to.addProperty("bytes", one.image.size());
      to.addProperty("sharedBytes", usage.shared(one.image));
      to.addProperty("uniqueBytes", usage.unique(one.image));
      to.addProperty("mounts", one.mounts);
      to.addProperty("containers", one.containers);
      all.add(to);
    }
    for (OneContainer one : containers) {
      JsonObject to = object("Container", "id", one.container.id());
      to.addProperty("name", one.container.name());
      to.addProperty("image", one.container.image().toString());
      to.addProperty("status", one.status);
      to.addProperty("volumes", one.volumes());
      to.addProperty("bytes", one.bytes);
      all.add(to);
    }
    for (OneVolume one : volumes) {
      JsonObject to = object("Volume", "name", one.volume.name());
      to.addProperty("containers", one.users);
      to.addProperty("bytes", one.bytes);
      all.add(to);
    }
    return all;
  }

  private static JsonObject object(String type, String key, String value) {
    JsonObject to = new JsonObject();
    to.addProperty("type", type);
    to.addProperty(key, value);
    return to;
  }
}
