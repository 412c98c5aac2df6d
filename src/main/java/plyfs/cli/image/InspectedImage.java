package plyfs.cli.image;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import plyfs.cli.format.Struct;
import plyfs.cli.format.Template;
import plyfs.image.model.HistoryStep;
import plyfs.image.store.LayerStore;
import plyfs.image.store.StoredImage;

/**
 * All that is known of an image, as Docker's {@code inspect} shows it.
 *
 * @implNote Docker Engine API 1.48, ImageInspect; the paths are those of its driver overlay2
 */
final class InspectedImage {
  private static final String CONFIG = "Config";
  private static final String NEVER = "0001-01-01T00:00:00Z";

  /** Fields of the configuration that are sets, written as objects of empty objects. */
  private static final Set<String> SETS = Set.of("ExposedPorts", "Volumes");

  /** What Docker knows of the way in which containers are run, with its values for "not given". */
  private static final Map<String, @Nullable Object> CONFIG_DEFAULTS = new LinkedHashMap<>();

  /** Fields that are shown only where they are given. */
  private static final Map<String, String> DEFAULTS =
      Map.of("DockerVersion", "", "Variant", "", "OsVersion", "");

  static {
    for (String text :
        List.of("Hostname", "Domainname", "User", "Image", "WorkingDir", "StopSignal")) {
      CONFIG_DEFAULTS.put(text, "");
    }
    for (String list : List.of("Env", "Cmd", "Entrypoint", "OnBuild", "Shell")) {
      CONFIG_DEFAULTS.put(list, Struct.NO_LIST);
    }
    for (String map : List.of("ExposedPorts", "Volumes", "Labels")) {
      CONFIG_DEFAULTS.put(map, Struct.NO_MAP);
    }
    for (String truth :
        List.of(
            "AttachStdin",
            "AttachStdout",
            "AttachStderr",
            "Tty",
            "OpenStdin",
            "StdinOnce",
            "ArgsEscaped")) {
      CONFIG_DEFAULTS.put(truth, false);
    }
    CONFIG_DEFAULTS.put("Healthcheck", null);
    CONFIG_DEFAULTS.put("StopTimeout", null);
  }

  private InspectedImage() {}

  /** The object for programs. */
  static JsonObject of(LayerStore store, StoredImage image) throws IOException {
    JsonObject to = new JsonObject();
    to.addProperty("Id", image.id().toString());
    to.add("RepoTags", strings(image.tags()));
    to.add("RepoDigests", strings(image.digests()));
    to.addProperty("Parent", "");
    to.addProperty("Comment", comment(image));
    put(to, "Created", image, "created");
    putIfGiven(to, "DockerVersion", image, "docker_version");
    put(to, "Author", image, "author");
    put(to, "Architecture", image, "architecture");
    putIfGiven(to, "Variant", image, "variant");
    put(to, "Os", image, "os");
    putIfGiven(to, "OsVersion", image, "os.version");
    to.addProperty("Size", image.size());
    to.add("GraphDriver", driver(store.lowerDirectories(image)));
    JsonObject root = new JsonObject();
    root.addProperty("Type", "layers");
    root.add("Layers", strings(image.details().layers()));
    to.add("RootFS", root);
    JsonObject metadata = new JsonObject();
    Instant tagged = store.lastTagged(image);
    metadata.addProperty("LastTagTime", tagged == null ? NEVER : tagged.toString());
    to.add("Metadata", metadata);
    to.add(CONFIG, image.details().config());
    return to;
  }

  /** Builders write it into the last step. */
  private static String comment(StoredImage image) {
    String comment = image.details().text("comment");
    List<HistoryStep> steps = image.details().history();
    return comment.isEmpty() && !steps.isEmpty() ? steps.get(steps.size() - 1).comment() : comment;
  }

  private static void put(JsonObject to, String name, StoredImage image, String field) {
    to.addProperty(name, image.details().text(field));
  }

  private static void putIfGiven(JsonObject to, String name, StoredImage image, String field) {
    if (!image.details().text(field).isEmpty()) {
      put(to, name, image, field);
    }
  }

  /**
   * Where the layers are.
   *
   * @param directories topmost first
   */
  private static JsonObject driver(List<Path> directories) {
    JsonObject data = new JsonObject();
    if (!directories.isEmpty()) {
      Path top = directories.get(0);
      if (directories.size() > 1) {
        List<String> lower =
            directories.subList(1, directories.size()).stream().map(Path::toString).toList();
        data.addProperty("LowerDir", String.join(":", lower));
      }
      data.addProperty("MergedDir", top.resolveSibling("merged").toString());
      data.addProperty("UpperDir", top.toString());
      data.addProperty("WorkDir", top.resolveSibling("work").toString());
    }
    JsonObject driver = new JsonObject();
    driver.add("Data", data);
    driver.addProperty("Name", "overlay2");
    return driver;
  }

  private static JsonArray strings(List<String> texts) {
    JsonArray array = new JsonArray();
    texts.forEach(array::add);
    return array;
  }

  /**
   * The object for templates: a field that Docker does not know is an error, one that is not given
   * is empty.
   */
  static Struct forTemplates(JsonObject inspected) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    inspected
        .asMap()
        .forEach(
            (name, value) -> {
              Object plain = Template.valueOf(value);
              fields.put(
                  name, value.isJsonObject() ? struct(name, value.getAsJsonObject()) : plain);
            });
    return Struct.of(fields).withAbsent(DEFAULTS);
  }

  private static Struct struct(String name, JsonObject object) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    object
        .asMap()
        .forEach(
            (key, value) ->
                fields.put(
                    key,
                    SETS.contains(key) && value.isJsonObject()
                        ? set(value.getAsJsonObject())
                        : Template.valueOf(value)));
    Struct struct = Struct.of(fields);
    return name.equals(CONFIG) ? struct.withAbsent(CONFIG_DEFAULTS) : struct;
  }

  /** Only its keys mean something. */
  private static Map<String, Object> set(JsonObject object) {
    Map<String, Object> set = new LinkedHashMap<>();
    object.keySet().forEach(key -> set.put(key, Struct.of(Map.of())));
    return set;
  }
}
