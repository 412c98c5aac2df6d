package plyfs.image.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import plyfs.image.disk.HostStoreDisk;
import plyfs.image.disk.StoreDisk;
import plyfs.image.disk.StoreFiles;
import plyfs.image.model.BadImageException;
import plyfs.image.model.Descriptor;
import plyfs.image.model.Digest;
import plyfs.image.model.ImageConfig;
import plyfs.image.model.ImageDetails;
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
  private static final Comparator<StoredImage> NEWEST_FIRST =
      Comparator.comparing(StoredImage::created, Comparator.nullsLast(Comparator.reverseOrder()))
          .thenComparing(image -> image.id().hex());

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
    this(new StorePaths(root.toAbsolutePath().normalize()), disk);
  }

  private LayerStore(StorePaths paths, StoreDisk disk) {
    this.paths = paths;
    this.disk = disk;
  }

  /**
   * Docker's own store, to read only.
   *
   * @param root Docker's data directory
   * @param driver the storage driver whose images are meant: {@code overlay2}
   */
  public static LayerStore ofDocker(Path root, String driver) {
    return new LayerStore(
        new StorePaths(root.toAbsolutePath().normalize(), driver), new HostStoreDisk());
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

  /** Where its files are. */
  public StorePaths paths() {
    return paths;
  }

  /** How they are read and changed. */
  public StoreDisk disk() {
    return disk;
  }

  /**
   * All images, newest first.
   *
   * @throws IOException if one of them cannot be read
   */
  public List<StoredImage> images() throws IOException {
    List<StoredImage> images = new ArrayList<>();
    Repositories repositories = repositories();
    for (String hex : imageIds()) {
      images.add(image(Digest.parse(NONE + hex), repositories));
    }
    images.sort(NEWEST_FIRST);
    return images;
  }

  /**
   * All images that can be read, newest first.
   *
   * @param notice hears a sentence about each one that cannot, and about names that cannot
   */
  public List<StoredImage> images(Consumer<String> notice) throws IOException {
    List<StoredImage> images = new ArrayList<>();
    Repositories repositories = new Repositories();
    try {
      repositories = repositories();
    } catch (IOException e) {
      notice.accept("the names of the images are unknown: " + e.getMessage());
    }
    for (String hex : imageIds()) {
      Digest id = Digest.parse(NONE + hex);
      try {
        images.add(image(id, repositories));
      } catch (IOException e) {
        List<String> names = repositories.namesOf(id);
        String who = names.isEmpty() ? "" : String.join(", ", names) + ", ";
        notice.accept("image " + who + id.shortHex() + ", cannot be read: " + e.getMessage());
      }
    }
    images.sort(NEWEST_FIRST);
    return images;
  }

  /**
   * The image that a person means: a name with or without tag, digest and registry, an image ID, or
   * the first digits of one. An ID is found even if no names can be read.
   *
   * @throws IOException if there is none, or the digits fit several
   */
  public StoredImage find(String text) throws IOException {
    StoreVersion.check(paths, disk);
    Repositories repositories = new Repositories();
    IOException damage = null;
    try {
      repositories = repositories();
    } catch (IOException e) {
      damage = e;
    }
    Digest named = named(text, repositories);
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
      return image(Digest.parse(NONE + matches.get(0)), repositories);
    }
    if (damage != null && matches.isEmpty()) {
      throw damage;
    }
    throw new IOException(
        matches.isEmpty()
            ? "there is no image '" + text + "' in the store " + paths.root()
            : "'" + text + "' is the beginning of " + matches.size() + " image IDs: give more");
  }

  /** The image that a name leads to; a digest counts more than a tag before it. */
  private static @Nullable Digest named(String text, Repositories repositories) {
    int at = text.indexOf('@');
    Reference name = Reference.parse(at < 0 ? text : text.substring(0, at));
    if (name == null) {
      return null;
    }
    return at < 0
        ? repositories.find(name)
        : repositories.findByDigest(name, text.substring(at + 1));
  }

  /** When a name was last given to an image; null where that was not noted. */
  public @Nullable Instant lastTagged(StoredImage image) throws IOException {
    byte[] text = disk.readIfThere(paths.lastUpdated(image.id()));
    try {
      return text == null
          ? null
          : OffsetDateTime.parse(new String(text, UTF_8).strip()).toInstant();
    } catch (DateTimeException e) {
      return null; // only shown to people
    }
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

  /**
   * The name of the directory of an image's topmost layer; null for an image without layers. A
   * store of Docker's vfs driver has the whole tree of the image there.
   */
  public @Nullable String topCacheId(StoredImage image) throws IOException {
    List<Digest> layers = image.chainIds();
    return layers.isEmpty() ? null : cacheId(layers.get(layers.size() - 1));
  }

  /**
   * What the file {@code lower} of a layer above an image names: {@code l/A}, {@code l/B}, topmost
   * first. Empty for an image without layers.
   */
  public List<String> shortNames(StoredImage image) throws IOException {
    if (image.chainIds().isEmpty()) {
      return List.of();
    }
    String top = cacheId(image.chainIds().get(image.chainIds().size() - 1));
    List<String> names = new ArrayList<>();
    byte[] link = read(paths.layer(top).resolve("link"));
    names.add("l/" + new String(link, UTF_8).strip());
    names.addAll(lower(top));
    return names;
  }

  /** Short names of the layers below one, topmost first. */
  List<String> lower(String cacheId) throws IOException {
    byte[] links = disk.readIfThere(paths.layer(cacheId).resolve("lower"));
    return links == null ? List.of() : List.of(new String(links, UTF_8).strip().split(":", -1));
  }

  StoredImage image(Digest id, Repositories repositories) throws IOException {
    String document = "image " + id;
    byte[] bytes = readConfig(id);
    ImageConfig config = ImageConfig.parse(document, bytes);
    List<Digest> chainIds = config.chainIds();
    List<Long> sizes = new ArrayList<>();
    for (Digest chainId : chainIds) {
      sizes.add(size(chainId));
    }
    return new StoredImage(
        id,
        List.copyOf(repositories.namesOf(id)),
        config.created(),
        sizes.stream().mapToLong(Long::longValue).sum(),
        List.copyOf(chainIds),
        config.commands(),
        List.copyOf(repositories.digestsOf(id)),
        List.copyOf(sizes),
        ImageDetails.parse(document, bytes));
  }

  /** Keeps all layers of some images from being removed until it is closed. */
  public LayerHolds hold(Collection<StoredImage> images) throws IOException {
    Set<Digest> layers = new LinkedHashSet<>();
    images.forEach(image -> layers.addAll(image.chainIds()));
    List<byte[]> directories = new ArrayList<>();
    for (Digest layer : layers) {
      directories.add(StoreFiles.bytes(paths.layer(cacheId(layer)).resolve("diff")));
    }
    return LayerHolds.of(directories);
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
