package plyfs.image.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.Digest;
import plyfs.image.model.Json;
import plyfs.image.model.Reference;

/**
 * Which names lead to which images: {@code {"Repositories":{name:{name:tag: image id, name@digest:
 * image id}}}}, as Docker keeps it. The digest is that of a manifest.
 */
public final class Repositories {
  private static final String TOP = "Repositories";
  private static final String AT = "@";

  private final Map<String, Digest> images = new TreeMap<>();
  private final Map<String, String> repositories = new TreeMap<>();

  /**
   * What a file says.
   *
   * @param content null where there is none
   */
  static Repositories of(Path file, byte @Nullable [] content) throws IOException {
    Repositories result = new Repositories();
    if (content == null) {
      return result;
    }
    Json top = Json.object(file.toString(), content).child(TOP);
    for (String name : top.names()) {
      for (Map.Entry<String, String> tag : top.textMap(name).entrySet()) {
        result.images.put(tag.getKey(), Digest.parse(tag.getValue()));
        result.repositories.put(tag.getKey(), name);
      }
    }
    return result;
  }

  /** Lets a name lead to an image, whatever it led to before. */
  void put(Reference name, Digest imageId) {
    images.put(name.toString(), imageId);
    repositories.put(name.toString(), name.familiarName());
  }

  /** Notes by which manifest an image came under a name. */
  void put(Reference name, Digest manifest, Digest imageId) {
    String key = name.familiarName() + AT + manifest;
    images.put(key, imageId);
    repositories.put(key, name.familiarName());
  }

  @Nullable Digest find(Reference name) {
    return images.get(name.toString());
  }

  /** Names with tags of an image, sorted. */
  List<String> namesOf(Digest imageId) {
    return leadingTo(imageId, false);
  }

  /** Names with digests of manifests by which an image came, sorted. */
  List<String> digestsOf(Digest imageId) {
    return leadingTo(imageId, true);
  }

  private List<String> leadingTo(Digest imageId, boolean byDigest) {
    List<String> names = new ArrayList<>();
    images.forEach(
        (name, id) -> {
          if (id.equals(imageId) && name.contains(AT) == byDigest) {
            names.add(name);
          }
        });
    return names;
  }

  byte[] toJson() {
    JsonObject all = new JsonObject();
    images.forEach(
        (name, id) -> {
          String repository = repositories.getOrDefault(name, name);
          if (!all.has(repository)) {
            all.add(repository, new JsonObject());
          }
          all.getAsJsonObject(repository).addProperty(name, id.toString());
        });
    JsonObject top = new JsonObject();
    top.add(TOP, all);
    return (new GsonBuilder().setPrettyPrinting().create().toJson(top) + "\n").getBytes(UTF_8);
  }
}
