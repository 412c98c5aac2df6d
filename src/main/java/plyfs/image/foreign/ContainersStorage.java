package plyfs.image.foreign;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.BadImageException;
import plyfs.image.model.Digest;
import plyfs.image.model.Json;
import plyfs.image.model.Reference;
import plyfs.image.store.ImageLayers;

/**
 * A storage directory of containers/storage, {@code /var/lib/containers/storage}.
 *
 * <pre>
 * DRIVER-images/images.json            [{"id","digest","names":[...],"layer": topmost layer}]
 * DRIVER-layers/layers.json            [{"id","parent"}]; also volatile-layers.json
 * overlay/&lt;layer id&gt;/diff               the files of one layer
 * vfs/dir/&lt;layer id&gt;                    all files of a layer and of those below it
 * </pre>
 *
 * @implNote containers/storage, images.go, layers.go, drivers/overlay and drivers/vfs
 */
final class ContainersStorage implements ForeignStore {
  private static final String OVERLAY = "overlay";
  private static final String VFS = "vfs";
  private static final String SHA256 = "sha256:";
  private static final int ID_DIGITS = 64;

  private final Path root;
  private final String driver;

  private ContainersStorage(Path root, String driver) {
    this.root = root;
    this.driver = driver;
  }

  /** Opens the directory; its driver is the first whose images are there. */
  static ContainersStorage open(Path root) throws IOException {
    Path absolute = root.toAbsolutePath().normalize();
    for (String driver : List.of(OVERLAY, VFS)) {
      if (Files.exists(absolute.resolve(driver + "-images").resolve("images.json"))) {
        return new ContainersStorage(absolute, driver);
      }
    }
    throw new IOException(
        Files.isDirectory(absolute) && !Files.isReadable(absolute)
            ? absolute + " cannot be read: use the user that owns it"
            : absolute
                + " has no images of the drivers overlay or vfs: give the directory that 'podman"
                + " info' shows as graphRoot");
  }

  @Override
  public Path layers() {
    return root.resolve(driver);
  }

  @Override
  public ImageLayers find(String name) throws IOException {
    Json image = image(name);
    Digest id = Digest.parse(SHA256 + image.text("id"));
    String top = image.optionalText("layer");
    List<Path> directories = new ArrayList<>();
    if (top != null && !top.isEmpty()) {
      if (driver.equals(VFS)) {
        directories.add(layers().resolve("dir").resolve(checkedId(top)));
      } else {
        addLayers(top, directories);
      }
    }
    return new ImageLayers(id, PresentLayers.checked(directories, name));
  }

  /** The image that a name, a digest or the first digits of an ID lead to. */
  private Json image(String name) throws IOException {
    Path file = root.resolve(driver + "-images").resolve("images.json");
    List<Json> images = Json.array(file.toString(), Files.readAllBytes(file));
    for (String full : fullNames(name)) {
      for (Json image : images) {
        if (image.texts("names").contains(full)) {
          return image;
        }
      }
    }
    String digits = name.startsWith(SHA256) ? name.substring(SHA256.length()) : name;
    List<Json> matches = new ArrayList<>();
    for (Json image : images) {
      boolean hasDigest = name.equals(image.optionalText("digest"));
      if (hasDigest || Digest.isHex(digits) && image.text("id").startsWith(digits)) {
        matches.add(image);
      }
    }
    if (matches.size() == 1) {
      return matches.get(0);
    }
    throw new IOException(
        matches.isEmpty()
            ? "there is no image '" + name + "' in " + root
            : "'" + name + "' is the beginning of " + matches.size() + " image IDs: give more");
  }

  /**
   * What a short name may mean: as it is written, an image of this machine, one of Docker's
   * registry. podman asks registries.conf only for what it does not have.
   */
  private static Set<String> fullNames(String name) {
    Set<String> names = new LinkedHashSet<>();
    names.add(name);
    Reference reference = Reference.parse(name);
    if (reference != null) {
      String tag = ":" + reference.tag();
      String here = "localhost/" + reference.familiarName();
      names.add(reference.familiarName() + tag);
      names.add(here + tag);
      names.add(reference.domain() + "/" + reference.path() + tag);
    }
    return names;
  }

  private void addLayers(String top, List<Path> directories) throws IOException {
    Map<String, Json> layers = layersById();
    Set<String> seen = new HashSet<>();
    for (String id = top; id != null && !id.isEmpty(); id = parent(layers, id)) {
      if (!seen.add(id)) {
        throw new BadImageException("layer " + id + " in " + root + " is its own parent");
      }
      Path layer = layers().resolve(checkedId(id));
      if (Files.exists(layer.resolve("composefs-data"))) {
        throw new IOException(
            "layer " + layer + " is stored in the form of composefs, which Plyfs does not read");
      }
      directories.add(layer.resolve("diff"));
    }
  }

  private Map<String, Json> layersById() throws IOException {
    Map<String, Json> layers = new HashMap<>();
    for (String name : List.of("layers.json", "volatile-layers.json")) {
      Path file = root.resolve(driver + "-layers").resolve(name);
      if (Files.exists(file)) {
        for (Json layer : Json.array(file.toString(), Files.readAllBytes(file))) {
          layers.put(layer.text("id"), layer);
        }
      }
    }
    return layers;
  }

  private @Nullable String parent(Map<String, Json> layers, String id) throws IOException {
    Json layer = layers.get(id);
    if (layer == null) {
      throw new BadImageException("layer " + id + " is missing in the list of layers of " + root);
    }
    return layer.optionalText("parent");
  }

  /** An ID, which becomes a part of a path. */
  private static String checkedId(String id) throws BadImageException {
    if (id.length() != ID_DIGITS || !Digest.isHex(id)) {
      throw new BadImageException("'" + id + "' is not the ID of a layer");
    }
    return id;
  }
}
