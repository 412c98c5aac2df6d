package plyfs.cli.container;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import plyfs.cli.format.Fields;
import plyfs.cli.format.Units;
import plyfs.container.Container;
import plyfs.container.ContainerMount;
import plyfs.container.ContainerState;
import plyfs.container.Containers;
import plyfs.container.RunSettings;
import plyfs.image.store.LayerStore;
import plyfs.image.store.StoredImage;
import plyfs.sys.Name;

/**
 * A line of {@code plyfs ps -a}.
 *
 * @param image as it is shown: the name that it was made from, if that still leads to it
 * @param imageBytes of all layers; 0 if the image cannot be read
 * @implNote docker/cli's formatter for containers
 */
record ContainerRow(
    Containers containers,
    Container container,
    ContainerState state,
    String image,
    long imageBytes) {
  private static final int COMMAND_CHARACTERS = 20;

  /** As Go prints a time. */
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss xx zzz", Locale.ROOT);

  static ContainerRow of(LayerStore store, Containers containers, Container container)
      throws IOException {
    String image = container.image().shortHex();
    long bytes = 0;
    try {
      bytes = containers.image(container).size();
      StoredImage named = store.find(container.imageName());
      image = named.id().equals(container.image()) ? container.imageName() : image;
    } catch (IOException e) {
      // The name leads nowhere now; the ID is shown.
    }
    return new ContainerRow(containers, container, containers.state(container), image, bytes);
  }

  /** What templates can name. */
  static Fields<ContainerRow> fields(boolean isWhole) {
    return new Fields<ContainerRow>()
        .add("ID", "CONTAINER ID", row -> isWhole ? row.container.id() : row.container.shortId())
        .add("Image", "IMAGE", ContainerRow::image)
        .add("Command", "COMMAND", row -> row.command(isWhole))
        .add("CreatedAt", "CREATED AT", row -> at(row.container.created()))
        .add("RunningFor", "CREATED", row -> ago(row.container.created()))
        .add("Status", "STATUS", ContainerRow::status)
        .add("State", "STATE", row -> row.state.status().toString())
        .add("Size", "SIZE", ContainerRow::size)
        .add("MountPoint", "MOUNT POINT", ContainerRow::mountPoint)
        .add("Names", "NAMES", row -> row.container.name())
        .add("Labels", "LABELS", ContainerRow::labels)
        .add("Mounts", "MOUNTS", row -> row.mounts(isWhole))
        .add("LocalVolumes", "LOCAL VOLUMES", row -> Long.toString(row.volumes()))
        .add("Networks", "NETWORKS", ContainerRow::network);
  }

  private static String at(Instant time) {
    return TIME.format(time.atZone(ZoneId.systemDefault()));
  }

  private static String ago(Instant time) {
    return Units.age(Duration.between(time, Instant.now())) + " ago";
  }

  private String command(boolean isWhole) {
    RunSettings run = container.settings().run();
    if (run == null) {
      return "";
    }
    String command = String.join(" ", run.command());
    if (!isWhole && command.length() > COMMAND_CHARACTERS) {
      command = command.substring(0, COMMAND_CHARACTERS - 1) + "…";
    }
    return "\"" + command + "\"";
  }

  private String network() {
    RunSettings run = container.settings().run();
    return run == null ? "" : run.network();
  }

  /** As Docker says it. */
  String status() {
    Instant started = state.started();
    Instant finished = state.finished();
    return switch (state.status()) {
      case CREATED -> "Created";
      case RUNNING ->
          started == null ? "Up" : "Up " + Units.age(Duration.between(started, Instant.now()));
      case EXITED ->
          "Exited (" + state.exitCode() + ")" + (finished == null ? "" : " " + ago(finished));
      case DEAD -> "Dead";
    };
  }

  private String mountPoint() {
    byte[] point = container.settings().mountPoint();
    return point == null ? "" : Name.printable(point);
  }

  private String size() {
    try {
      long bytes = containers.bytes(container);
      return Units.size(bytes) + " (virtual " + Units.size(bytes + imageBytes) + ")";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String labels() {
    List<String> labels = new ArrayList<>();
    container.settings().labels().forEach((key, value) -> labels.add(key + "=" + value));
    return String.join(",", labels);
  }

  private String mounts(boolean isWhole) {
    List<String> mounts = new ArrayList<>();
    for (ContainerMount mount : container.settings().mounts()) {
      if (mount.kind() != ContainerMount.Kind.TMPFS) {
        String source = Name.printable(mount.source());
        boolean isLong = !isWhole && source.length() > 15;
        mounts.add(isLong ? source.substring(0, 14) + "…" : source);
      }
    }
    return String.join(",", mounts);
  }

  private long volumes() {
    return container.settings().mounts().stream()
        .filter(mount -> mount.kind() == ContainerMount.Kind.VOLUME)
        .count();
  }

  /** Exact values, for programs. */
  JsonObject toJson() throws IOException {
    JsonObject to = new JsonObject();
    to.addProperty("id", container.id());
    to.addProperty("name", container.name());
    to.addProperty("image", container.image().toString());
    to.addProperty("imageName", container.imageName());
    to.addProperty("created", container.created().toString());
    to.addProperty("status", state.status().toString());
    addTime(to, "started", state.started());
    addTime(to, "finished", state.finished());
    to.addProperty("exitCode", state.exitCode());
    if (state.isRunning()) {
      to.addProperty("pid", state.pid());
    }
    byte[] point = container.settings().mountPoint();
    if (point != null) {
      to.addProperty("mountPoint", Name.printable(point));
    }
    to.addProperty("upper", Name.printable(upper()));
    to.addProperty("bytes", containers.bytes(container));
    JsonArray mounts = new JsonArray();
    for (ContainerMount mount : container.settings().mounts()) {
      JsonObject each = new JsonObject();
      each.addProperty("type", mount.kind().name().toLowerCase(Locale.ROOT));
      each.addProperty("source", Name.printable(mount.source()));
      each.addProperty("target", Name.printable(mount.target()));
      each.addProperty("readOnly", mount.isReadOnly());
      mounts.add(each);
    }
    to.add("mounts", mounts);
    JsonObject labels = new JsonObject();
    container.settings().labels().forEach(labels::addProperty);
    to.add("labels", labels);
    return to;
  }

  private byte[] upper() {
    return containers.upper(container).toString().getBytes(UTF_8);
  }

  private static void addTime(JsonObject to, String name, @Nullable Instant time) {
    if (time != null) {
      to.addProperty(name, time.toString());
    }
  }
}
