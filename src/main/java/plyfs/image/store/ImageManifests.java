package plyfs.image.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.Descriptor;
import plyfs.image.model.Json;

/**
 * The manifests that lead to one image, the one that came last at the end: {@code
 * {"manifests":[{"mediaType","digest","size","annotations"}]}}. One configuration can have several,
 * as its layers can be compressed in several ways.
 */
public final class ImageManifests {
  private static final String TOP = "manifests";
  private static final String DEFAULT_TYPE = "application/vnd.oci.image.manifest.v1+json";

  private final List<Descriptor> all = new ArrayList<>();

  /**
   * What a file says.
   *
   * @param content null where there is none
   */
  static ImageManifests of(Path file, byte @Nullable [] content) throws IOException {
    ImageManifests result = new ImageManifests();
    if (content != null) {
      for (Json item : Json.object(file.toString(), content).children(TOP)) {
        result.all.add(Descriptor.of(item));
      }
    }
    return result;
  }

  /** Adds one, or lets it be the last again. */
  void put(Descriptor manifest) {
    all.removeIf(known -> known.digest().equals(manifest.digest()));
    all.add(manifest);
  }

  List<Descriptor> all() {
    return List.copyOf(all);
  }

  byte[] toJson() {
    JsonArray list = new JsonArray();
    for (Descriptor manifest : all) {
      JsonObject item = new JsonObject();
      String type = manifest.mediaType();
      item.addProperty("mediaType", type.isEmpty() ? DEFAULT_TYPE : type);
      item.addProperty("digest", manifest.digest().toString());
      item.addProperty("size", manifest.size());
      if (!manifest.annotations().isEmpty()) {
        JsonObject annotations = new JsonObject();
        manifest.annotations().forEach(annotations::addProperty);
        item.add("annotations", annotations);
      }
      list.add(item);
    }
    JsonObject top = new JsonObject();
    top.add(TOP, list);
    return (new GsonBuilder().disableHtmlEscaping().create().toJson(top) + "\n").getBytes(UTF_8);
  }
}
