package plyfs.image.model;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What an image's configuration says to people. Nothing depends on it, so what is missing, or of
 * another type than it should be, is empty.
 *
 * @implNote OCI image specification, config.md; Docker adds {@code comment}, {@code docker_version}
 *     and others
 */
public final class ImageDetails {
  private final JsonObject json;

  private ImageDetails(JsonObject json) {
    this.json = json;
  }

  /**
   * Reads a configuration.
   *
   * @param document what the bytes are, for messages
   */
  public static ImageDetails parse(String document, byte[] bytes) throws BadImageException {
    return new ImageDetails(Json.object(document, bytes).content());
  }

  /** A field of the configuration that is a text, such as {@code author} or {@code os}. */
  public String text(String name) {
    return text(json, name);
  }

  /** How containers of the image are run, as it is written; an empty object where it is not. */
  public JsonObject config() {
    return child(json, "config").deepCopy();
  }

  /** Digests of the uncompressed layers, lowest first. */
  public List<String> layers() {
    List<String> layers = new ArrayList<>();
    JsonElement diffIds = child(json, "rootfs").get("diff_ids");
    if (diffIds != null && diffIds.isJsonArray()) {
      diffIds.getAsJsonArray().forEach(each -> layers.add(each.getAsString()));
    }
    return layers;
  }

  /** Labels, sorted. */
  public Map<String, String> labels() {
    Map<String, String> labels = new TreeMap<>();
    JsonObject written = child(child(json, "config"), "Labels");
    for (String key : written.keySet()) {
      labels.put(key, text(written, key));
    }
    return labels;
  }

  /** How the image was made, the first step first. */
  public List<HistoryStep> history() {
    List<HistoryStep> steps = new ArrayList<>();
    JsonElement history = json.get("history");
    if (history == null || !history.isJsonArray()) {
      return steps;
    }
    for (JsonElement each : history.getAsJsonArray()) {
      JsonObject step = each.isJsonObject() ? each.getAsJsonObject() : new JsonObject();
      steps.add(
          new HistoryStep(
              instant(text(step, "created")),
              text(step, "created_by"),
              text(step, "author"),
              text(step, "comment"),
              text(step, "empty_layer").equals("true")));
    }
    return steps;
  }

  private static String text(JsonObject of, String name) {
    JsonElement value = of.get(name);
    return value != null && value.isJsonPrimitive() ? value.getAsString() : "";
  }

  private static JsonObject child(JsonObject of, String name) {
    JsonElement value = of.get(name);
    return value != null && value.isJsonObject() ? value.getAsJsonObject() : new JsonObject();
  }

  private static @Nullable Instant instant(String text) {
    try {
      return text.isEmpty() ? null : OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeException e) {
      return null;
    }
  }
}
