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
 * Which names lead to which images: {@code {"Repositories":{name:{name:tag: image id}}}}, as Docker
 * keeps it.
 */
public final class Repositories {
  private static final String TOP = "Repositories";
  private static final String DIGEST_MARK = "@";

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

  @Nullable Digest find(Reference name) {
    return images.get(name.toString());
  }

  /** The image of a name with the digest of a manifest, {@code name@sha256:<hex>}. */
  @Nullable Digest findByDigest(Reference name, String digest) {
    return images.get(name.familiarName() + DIGEST_MARK + digest);
  }

  /** Whether a name of {@link #namesOf} has a digest instead of a tag. */
  static boolean isDigest(String name) {
    return name.contains(DIGEST_MARK);
  }

  /** Names of an image, with a tag or a digest, sorted. */
  List<String> namesOf(Digest imageId) {
    List<String> names = new ArrayList<>();
    images.forEach(
        (name, id) -> {
          if (id.equals(imageId)) {
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
