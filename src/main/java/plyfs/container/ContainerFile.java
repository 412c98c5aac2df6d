package plyfs.container;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.BadImageException;
import plyfs.image.model.Digest;
import plyfs.image.model.Json;
import plyfs.sys.OctalText;

/**
 * The file {@code config.json} of a container. Paths are bytes: blanks, control bytes and
 * backslashes are {@code \ooo}, and other bytes above 126 are one character each.
 */
final class ContainerFile {
  static final String NAME = "config.json";
  private static final String VERSION = "1";
  private static final String ENVIRONMENT = "Env";

  private ContainerFile() {}

  static byte[] encode(Container container) {
    ContainerSettings settings = container.settings();
    JsonObject to = new JsonObject();
    to.addProperty("Version", VERSION);
    to.addProperty("ID", container.id());
    to.addProperty("Name", container.name());
    to.addProperty("Created", container.created().toString());
    to.addProperty("Image", container.image().toString());
    to.addProperty("ImageName", container.imageName());
    byte[] point = settings.mountPoint();
    if (point != null) {
      to.addProperty("MountPoint", OctalText.encode(point));
    }
    JsonArray mounts = new JsonArray();
    settings.mounts().forEach(mount -> mounts.add(encode(mount)));
    to.add("Mounts", mounts);
    JsonArray options = new JsonArray();
    settings.options().forEach(word -> options.add(OctalText.encode(word)));
    to.add("MountOptions", options);
    JsonObject labels = new JsonObject();
    settings.labels().forEach(labels::addProperty);
    to.add("Labels", labels);
    RunSettings run = settings.run();
    if (run != null) {
      to.add("Run", encode(run));
    }
    String text = new GsonBuilder().disableHtmlEscaping().setPrettyPrinting().create().toJson(to);
    return (text + "\n").getBytes(UTF_8);
  }

  private static JsonObject encode(ContainerMount mount) {
    JsonObject to = new JsonObject();
    to.addProperty("Type", mount.kind().name());
    to.addProperty("Source", OctalText.encode(mount.source()));
    to.addProperty("Destination", OctalText.encode(mount.target()));
    to.addProperty("ReadOnly", mount.isReadOnly());
    to.addProperty("Copy", mount.isCopied());
    to.addProperty("Options", mount.options());
    return to;
  }

  private static JsonObject encode(RunSettings run) {
    JsonObject to = new JsonObject();
    to.add("Command", strings(run.command()));
    to.add(ENVIRONMENT, strings(run.environment()));
    to.addProperty("WorkingDir", run.workingDirectory());
    to.addProperty("User", run.user());
    to.addProperty("Hostname", run.hostname());
    to.addProperty("ReadOnlyRootfs", run.isReadOnly());
    to.addProperty("Tty", run.isTerminal());
    to.addProperty("Network", run.network());
    return to;
  }

  private static JsonArray strings(List<String> texts) {
    JsonArray array = new JsonArray();
    texts.forEach(array::add);
    return array;
  }

  /**
   * Reads it.
   *
   * @param file its path, for messages
   */
  static Container decode(String file, byte[] content) throws IOException {
    Json from = Json.object(file, content);
    String version = from.text("Version");
    if (!version.equals(VERSION)) {
      throw new BadImageException(
          file + " has version '" + version + "', and this plyfs knows version " + VERSION);
    }
    try {
      return new Container(
          from.text("ID"),
          from.text("Name"),
          Instant.parse(from.text("Created")),
          Digest.parse(from.text("Image")),
          from.text("ImageName"),
          settings(from));
    } catch (DateTimeException | IllegalArgumentException e) {
      throw new BadImageException(file + " is damaged: " + e.getMessage(), e);
    }
  }

  private static ContainerSettings settings(Json from) throws BadImageException {
    List<ContainerMount> mounts = new ArrayList<>();
    for (Json each : from.children("Mounts")) {
      mounts.add(
          new ContainerMount(
              ContainerMount.Kind.valueOf(each.text("Type")),
              OctalText.decode(each.text("Source")),
              OctalText.decode(each.text("Destination")),
              isTrue(each, "ReadOnly"),
              isTrue(each, "Copy"),
              each.text("Options")));
    }
    List<byte[]> options = new ArrayList<>();
    for (String word : from.texts("MountOptions")) {
      options.add(OctalText.decode(word));
    }
    String point = from.optionalText("MountPoint");
    Map<String, String> labels = from.textMap("Labels");
    return new ContainerSettings(
        point == null ? null : OctalText.decode(point),
        List.copyOf(mounts),
        List.copyOf(options),
        labels,
        run(from));
  }

  private static @Nullable RunSettings run(Json from) throws BadImageException {
    if (!from.has("Run")) {
      return null;
    }
    Json run = from.child("Run");
    return new RunSettings(
        run.texts("Command"),
        run.texts(ENVIRONMENT),
        run.text("WorkingDir"),
        run.text("User"),
        run.text("Hostname"),
        isTrue(run, "ReadOnlyRootfs"),
        isTrue(run, "Tty"),
        run.text("Network"));
  }

  private static boolean isTrue(Json from, String field) throws BadImageException {
    return "true".equals(from.optionalText(field));
  }
}
