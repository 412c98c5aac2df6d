package plyfs.cli.container;

import com.google.gson.JsonArray;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import plyfs.cli.format.Fields;
import plyfs.cli.format.Units;
import plyfs.container.Volume;
import plyfs.container.Volumes;

/**
 * A line of {@code plyfs volume ls}.
 *
 * @param users names of the containers that mount it
 * @implNote docker/cli's formatter for volumes
 */
record VolumeRow(Volume volume, List<String> users) {
  private static final String LOCAL = "local";

  /** What templates can name. */
  static Fields<VolumeRow> fields() {
    return new Fields<VolumeRow>()
        .add("Driver", "DRIVER", row -> LOCAL)
        .add("Name", "VOLUME NAME", row -> row.volume.name())
        .add("Scope", "SCOPE", row -> LOCAL)
        .add("Mountpoint", "MOUNTPOINT", row -> row.volume.data().toString())
        .add("Labels", "LABELS", VolumeRow::labels)
        .add("Links", "LINKS", row -> Integer.toString(row.users.size()))
        .add("Size", "SIZE", VolumeRow::size);
  }

  private String labels() {
    List<String> labels = new ArrayList<>();
    volume.labels().forEach((key, value) -> labels.add(key + "=" + value));
    return String.join(",", labels);
  }

  private String size() {
    try {
      return Units.size(Volumes.bytes(volume));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As {@code docker volume inspect} prints it. */
  static JsonObject inspected(Volume volume) {
    JsonObject to = new JsonObject();
    to.addProperty("CreatedAt", volume.created().toString());
    to.addProperty("Driver", LOCAL);
    if (volume.labels().isEmpty()) {
      to.add("Labels", JsonNull.INSTANCE);
    } else {
      JsonObject labels = new JsonObject();
      volume.labels().forEach(labels::addProperty);
      to.add("Labels", labels);
    }
    to.addProperty("Mountpoint", volume.data().toString());
    to.addProperty("Name", volume.name());
    to.add("Options", JsonNull.INSTANCE);
    to.addProperty("Scope", LOCAL);
    return to;
  }

  /** Exact values, for programs. */
  JsonObject toJson() throws IOException {
    JsonObject to = new JsonObject();
    to.addProperty("name", volume.name());
    to.addProperty("path", volume.data().toString());
    to.addProperty("created", volume.created().toString());
    to.addProperty("bytes", Volumes.bytes(volume));
    JsonObject labels = new JsonObject();
    volume.labels().forEach(labels::addProperty);
    to.add("labels", labels);
    JsonArray containers = new JsonArray();
    users.forEach(containers::add);
    to.add("containers", containers);
    return to;
  }
}
