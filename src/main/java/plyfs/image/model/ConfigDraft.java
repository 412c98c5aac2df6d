package plyfs.image.model;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of an image that is being made. All that it does not know stays as it is.
 *
 * @implNote OCI image specification, config.md. Docker makes a new configuration of the fields that
 *     it knows and drops the rest, image/image.go, NewChildImage
 */
public final class ConfigDraft {
  private static final Gson GSON =
      new GsonBuilder().disableHtmlEscaping().serializeNulls().create();
  private static final String CREATED = "created";
  private static final String AUTHOR = "author";
  private static final String COMMENT = "comment";
  private static final String ROOTFS = "rootfs";
  private static final String DIFF_IDS = "diff_ids";
  private static final String HISTORY = "history";

  private final JsonObject json;

  /**
   * What the history says of a layer; empty texts are left out.
   *
   * @param comment the message of the person who made it
   */
  public record Step(Instant created, String createdBy, String author, String comment) {}

  private ConfigDraft(JsonObject json) {
    this.json = json;
  }

  /** Begins with the configuration of the image below. */
  public static ConfigDraft of(String document, byte[] parent) throws BadImageException {
    return new ConfigDraft(Json.object(document, parent).content());
  }

  /** Begins an image without layers. */
  public static ConfigDraft empty(Platform platform) {
    JsonObject json = new JsonObject();
    json.addProperty("architecture", platform.architecture());
    addUnlessEmpty(json, "variant", platform.variant());
    json.addProperty("os", platform.os());
    JsonObject rootfs = new JsonObject();
    rootfs.addProperty("type", "layers");
    rootfs.add(DIFF_IDS, new JsonArray());
    json.add(ROOTFS, rootfs);
    json.addProperty(COMMENT, "");
    return new ConfigDraft(json);
  }

  /** Follows instructions of a Dockerfile, one after the other. */
  public void change(List<String> instructions) throws BadImageException {
    ConfigChange change = new ConfigChange(child(json, "config"));
    for (String instruction : instructions) {
      change.apply(instruction);
    }
  }

  /**
   * Adds a step to the history, and its layer on top.
   *
   * @param diffId of the layer; null for a step without one
   */
  public void add(Step step, @Nullable Digest diffId) throws BadImageException {
    json.addProperty(CREATED, step.created().toString());
    if (!step.author().isEmpty()) {
      json.addProperty(AUTHOR, step.author());
    }
    // Docker takes the comment of an image from here, if there is one, and else from its history.
    if (json.has(COMMENT)) {
      json.addProperty(COMMENT, step.comment());
    }
    JsonObject entry = new JsonObject();
    entry.addProperty(CREATED, step.created().toString());
    addUnlessEmpty(entry, "created_by", step.createdBy());
    addUnlessEmpty(entry, AUTHOR, step.author());
    addUnlessEmpty(entry, COMMENT, step.comment());
    if (diffId == null) {
      entry.addProperty("empty_layer", true);
    } else {
      array(child(json, ROOTFS), DIFF_IDS).add(diffId.toString());
    }
    array(json, HISTORY).add(entry);
  }

  private static void addUnlessEmpty(JsonObject to, String key, String value) {
    if (!value.isEmpty()) {
      to.addProperty(key, value);
    }
  }

  /** The configuration. Its digest is the image ID. */
  public byte[] bytes() {
    return GSON.toJson(json).getBytes(UTF_8);
  }

  /** The object in a field, which is made if it is missing. */
  static JsonObject child(JsonObject of, String name) throws BadImageException {
    JsonElement value = of.get(name);
    if (value == null || value.isJsonNull()) {
      JsonObject made = new JsonObject();
      of.add(name, made);
      return made;
    }
    if (!value.isJsonObject()) {
      throw new BadImageException(
          "the configuration cannot be changed: field '" + name + "' is not a JSON object");
    }
    return value.getAsJsonObject();
  }

  private static JsonArray array(JsonObject of, String name) throws BadImageException {
    JsonElement value = of.get(name);
    if (value == null || value.isJsonNull()) {
      JsonArray made = new JsonArray();
      of.add(name, made);
      return made;
    }
    if (!value.isJsonArray()) {
      throw new BadImageException(
          "the configuration cannot be changed: field '" + name + "' is not a list");
    }
    return value.getAsJsonArray();
  }
}
