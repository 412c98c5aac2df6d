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

  /** Takes a name away. */
  void remove(String name) {
    images.remove(name);
    repositories.remove(name);
  }

  /** The repository of a name with tag or digest: {@code busybox} of {@code busybox:latest}. */
  static String repositoryOf(String name) {
    int at = name.indexOf('@');
    String withTag = at < 0 ? name : name.substring(0, at);
    int colon = withTag.lastIndexOf(':');
    return colon > withTag.lastIndexOf('/') ? withTag.substring(0, colon) : withTag;
  }

  /**
   * A name, with the digests of its repository if it is the only tag of the repository that leads
   * to its image: they have no other reason to be there.
   */
  List<String> withDigests(Reference name) {
    String repository = repositoryOf(name.toString());
    List<String> all = new ArrayList<>(List.of(name.toString()));
    Digest image = images.get(name.toString());
    if (image == null) {
      return all;
    }
    for (String other : namesOf(image)) {
      if (repositoryOf(other).equals(repository) && !other.equals(name.toString())) {
        return all;
      }
    }
    for (String digest : digestsOf(image)) {
      if (repositoryOf(digest).equals(repository)) {
        all.add(digest);
      }
    }
    return all;
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

  /** The image of a name with the digest of a manifest, {@code name@sha256:<hex>}. */
  @Nullable Digest findByDigest(Reference name, String digest) {
    return images.get(name.familiarName() + AT + digest);
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
