package plyfs.image.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.image.disk.HostStoreDisk;
import plyfs.image.disk.StoreDisk;
import plyfs.image.disk.StoreFiles;
import plyfs.image.model.BadImageException;
import plyfs.image.model.Descriptor;
import plyfs.image.model.Digest;
import plyfs.image.model.ImageConfig;
import plyfs.image.model.ProgressListener;
import plyfs.image.model.Reference;
import plyfs.image.tree.LayerTar;

/**
 * A directory with images, unpacked: each layer once, however many images use it. What is needed to
 * write an image back byte for byte is kept beside. Nothing is made before the first load. Several
 * processes may use a store at the same time.
 */
public final class LayerStore {
  private static final String NONE = "sha256:";
  private static final int ID_DIGITS = 64;

  private final StorePaths paths;
  private final StoreDisk disk;

  /**
   * A store.
   *
   * @param root its directory, which need not exist
   */
  public LayerStore(Path root) {
    this(root, new HostStoreDisk());
  }

  public LayerStore(Path root, StoreDisk disk) {
    this.paths = new StorePaths(root.toAbsolutePath().normalize());
    this.disk = disk;
  }

  /** The store that a directory of a layer is in; null if it does not look like one. */
  public static @Nullable LayerStore holding(byte[] layerDirectory) throws IOException {
    Path diff = StoreFiles.path(layerDirectory);
    if (diff.getNameCount() < 4 || !diff.endsWith("diff")) {
      return null;
    }
    Path layers = diff.resolve("../..").normalize();
    LayerStore store = new LayerStore(layers.resolve("..").normalize());
    boolean isStore =
        layers.equals(store.paths.layers()) && store.disk.exists(store.paths.configs());
    return isStore ? store : null;
  }

  /** Directory of the store. */
  public Path root() {
    return paths.root();
  }

  StorePaths paths() {
    return paths;
  }

  StoreDisk disk() {
    return disk;
  }

  /** All images, newest first. */
  public List<StoredImage> images() throws IOException {
    List<StoredImage> images = new ArrayList<>();
    Repositories repositories = repositories();
    for (String hex : imageIds()) {
      images.add(image(Digest.parse("sha256:" + hex), repositories));
    }
    images.sort(
        Comparator.comparing(StoredImage::created, Comparator.nullsLast(Comparator.reverseOrder()))
            .thenComparing(image -> image.id().hex()));
    return images;
  }

  /**
   * The image that a person means: a name with or without tag and registry, an image ID, or the
   * first digits of one.
   *
   * @throws IOException if there is none, or the digits fit several
   */
  public StoredImage find(String text) throws IOException {
    Reference name = Reference.parse(text);
    Repositories repositories;
    String damage = "";
    try {
      repositories = repositories();
    } catch (BadImageException e) {
      repositories = Repositories.of(paths.repositories(), null);
      damage = ", whose names are damaged (" + e.getMessage() + "): use an ID";
    }
    Digest named = name == null ? null : repositories.find(name);
    if (named != null) {
      return image(named, repositories);
    }
    String digits = text.startsWith(NONE) ? text.substring(NONE.length()) : text;
    List<String> matches = new ArrayList<>();
    if (Digest.isHex(digits)) {
      for (String hex : imageIds()) {
        if (hex.startsWith(digits)) {
          matches.add(hex);
        }
      }
    }
    if (matches.size() == 1) {
      return image(Digest.parse("sha256:" + matches.get(0)), repositories);
    }
    throw new IOException(
        matches.isEmpty()
            ? "there is no image '" + text + "' in the store " + paths.root() + damage
            : "'" + text + "' is the beginning of " + matches.size() + " image IDs: give more");
  }

  /** Which names lead to which images. */
  Repositories repositories() throws IOException {
    StoreVersion.check(paths, disk);
    return Repositories.of(paths.repositories(), disk.readIfThere(paths.repositories()));
  }

  /**
   * As {@link #repositories}, for a change: a damaged file counts as none, and is kept beside the
   * one that will replace it.
   *
   * @param listener hears of the damage
   */
  Repositories repositoriesToChange(ProgressListener listener) throws IOException {
    try {
      return repositories();
    } catch (BadImageException e) {
      Path kept = paths.repositories().resolveSibling("repositories.json.damaged");
      byte[] content = disk.readIfThere(paths.repositories());
      disk.write(kept, content == null ? new byte[0] : content);
      listener.notice(
          e.getMessage()
              + ": the names of images are lost, and only their IDs are left; the damaged file is"
              + " kept as "
              + kept);
      return Repositories.of(paths.repositories(), null);
    }
  }

  /** Hexadecimal digits of all images; files that others put beside them are passed over. */
  List<String> imageIds() throws IOException {
    if (!disk.exists(paths.configs())) {
      return List.of();
    }
    return disk.names(paths.configs()).stream()
        .filter(name -> name.length() == ID_DIGITS && Digest.isHex(name))
        .toList();
  }

  /** The configuration of an image, byte for byte. */
  public byte[] config(StoredImage image) throws IOException {
    return readConfig(image.id());
  }

  private byte[] readConfig(Digest id) throws IOException {
    Path file = paths.config(id);
    byte[] bytes = read(file);
    if (!Digest.sha256(bytes).equals(id)) {
      throw new IOException(
          file + " is damaged: expected the digest " + id + ", found " + Digest.sha256(bytes));
    }
    return bytes;
  }

  /**
   * Directories of an image's layers, topmost first, as a union mount takes them. Empty for an
   * image without layers.
   */
  public List<Path> lowerDirectories(StoredImage image) throws IOException {
    List<Path> directories = new ArrayList<>();
    if (image.chainIds().isEmpty()) {
      return directories;
    }
    Digest top = image.chainIds().get(image.chainIds().size() - 1);
    String cacheId = cacheId(top);
    directories.add(paths.layer(cacheId).resolve("diff"));
    for (String link : lower(cacheId)) {
      try {
        directories.add(paths.layers().resolve(link).toRealPath());
      } catch (IOException e) {
        throw new IOException(
            "a layer of the image is missing in the store: cannot follow "
                + paths.layers().resolve(link)
                + ": "
                + StoreFiles.reason(e),
            e);
      }
    }
    return directories;
  }

  /** Short names of the layers below one, topmost first. */
  List<String> lower(String cacheId) throws IOException {
    byte[] links = disk.readIfThere(paths.layer(cacheId).resolve("lower"));
    return links == null ? List.of() : List.of(new String(links, UTF_8).strip().split(":", -1));
  }

  StoredImage image(Digest id, Repositories repositories) throws IOException {
    ImageConfig config = ImageConfig.parse("image " + id, readConfig(id));
    List<Digest> chainIds = config.chainIds();
    long size = 0;
    for (Digest chainId : chainIds) {
      size += size(chainId);
    }
    return new StoredImage(
        id,
        List.copyOf(repositories.namesOf(id)),
        config.created(),
        size,
        List.copyOf(chainIds),
        config.commands());
  }

  /** Names of an image by manifest, such as {@code busybox@sha256:<hex>}. */
  public List<String> repoDigests(Digest imageId) throws IOException {
    return repositories().digestsOf(imageId);
  }

  /** Manifests that lead to an image, the last that came at the end. */
  public List<Descriptor> manifests(Digest imageId) throws IOException {
    Path file = paths.manifests(imageId);
    return ImageManifests.of(file, disk.readIfThere(file)).all();
  }

  /** Whether a manifest or layer is kept as it came. */
  public boolean hasBlob(Digest digest) throws IOException {
    return disk.exists(paths.blob(digest));
  }

  /** Where {@link #hasBlob} says that it is. */
  public Path blob(Digest digest) {
    return paths.blob(digest);
  }

  /** The uncompressed tar of a layer. */
  public LayerTar layerTar(Digest chainId) throws IOException {
    Path record = paths.layerRecord(chainId);
    return new LayerTar(
        paths.tarSplit(chainId),
        paths.layer(cacheId(chainId)).resolve("diff"),
        Digest.parse(text(record.resolve("diff"))));
  }

  /** Whether a layer is there, complete and verified. */
  boolean hasLayer(Digest chainId) throws IOException {
    return disk.exists(paths.layerRecord(chainId))
        && disk.exists(paths.layer(cacheId(chainId)).resolve("diff"));
  }

  /** Bytes of all files of a layer. */
  long size(Digest chainId) throws IOException {
    Path file = paths.layerRecord(chainId).resolve("size");
    String text = text(file);
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IOException(file + " holds '" + text + "', expected a number", e);
    }
  }

  /** Name of a layer's directory. */
  String cacheId(Digest chainId) throws IOException {
    Path file = paths.layerRecord(chainId).resolve("cache-id");
    String id = text(file);
    if (!Digest.isHex(id)) {
      throw new IOException(file + " holds '" + id + "', expected hexadecimal digits");
    }
    return id;
  }

  private String text(Path file) throws IOException {
    return new String(read(file), UTF_8).strip();
  }

  private byte[] read(Path file) throws IOException {
    byte[] content = disk.readIfThere(file);
    if (content == null) {
      throw new IOException("cannot read " + file + ": No such file or directory");
    }
    return content;
  }
}
