package plyfs.image;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A directory with images, unpacked: each layer once, however many images use it. Holds no blobs,
 * so an image cannot be written back byte for byte. Nothing is made before the first load. Several
 * processes may use a store at the same time.
 */
public final class LayerStore {
  private static final String NONE = "sha256:";

  private final StorePaths paths;

  /**
   * A store.
   *
   * @param root its directory, which need not exist
   */
  public LayerStore(Path root) {
    this.paths = new StorePaths(root.toAbsolutePath().normalize());
  }

  /** Directory of the store. */
  public Path root() {
    return paths.root();
  }

  StorePaths paths() {
    return paths;
  }

  /** All images, newest first. */
  public List<StoredImage> images() throws IOException {
    List<StoredImage> images = new ArrayList<>();
    if (!Files.isDirectory(paths.configs())) {
      return images;
    }
    Repositories repositories = Repositories.read(paths.repositories());
    for (String hex : names(paths.configs())) {
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
    Repositories repositories = Repositories.read(paths.repositories());
    Reference name = Reference.parse(text);
    Digest named = name == null ? null : repositories.find(name);
    if (named != null) {
      return image(named, repositories);
    }
    String digits = text.startsWith(NONE) ? text.substring(NONE.length()) : text;
    List<String> matches = new ArrayList<>();
    if (Digest.isHex(digits) && Files.isDirectory(paths.configs())) {
      for (String hex : names(paths.configs())) {
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
            ? "there is no image '" + text + "' in the store " + paths.root()
            : "'" + text + "' is the beginning of " + matches.size() + " image IDs: give more");
  }

  /** The configuration of an image, byte for byte. */
  public byte[] config(StoredImage image) throws IOException {
    return readConfig(image.id());
  }

  private byte[] readConfig(Digest id) throws IOException {
    Path file = paths.config(id);
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new IOException("cannot read " + file + ": " + StoreFiles.reason(e), e);
    }
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
    Path layer = paths.layer(cacheId(top));
    directories.add(layer.resolve("diff"));
    Path lower = layer.resolve("lower");
    if (Files.exists(lower)) {
      for (String link : StoreFiles.read(lower).split(":", -1)) {
        directories.add(paths.layers().resolve(link).toRealPath());
      }
    }
    return directories;
  }

  private StoredImage image(Digest id, Repositories repositories) throws IOException {
    ImageConfig config = ImageConfig.parse("image " + id, readConfig(id));
    List<Digest> chainIds = config.chainIds();
    long size = 0;
    for (Digest chainId : chainIds) {
      size += size(chainId);
    }
    return new StoredImage(
        id, List.copyOf(repositories.namesOf(id)), config.created(), size, List.copyOf(chainIds));
  }

  /** Whether a layer is there, complete and verified. */
  boolean hasLayer(Digest chainId) {
    return Files.isDirectory(paths.layerRecord(chainId));
  }

  /** Bytes of all files of a layer. */
  long size(Digest chainId) throws IOException {
    Path file = paths.layerRecord(chainId).resolve("size");
    String text = StoreFiles.read(file);
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IOException(file + " holds '" + text + "', expected a number", e);
    }
  }

  /** Name of a layer's directory. */
  String cacheId(Digest chainId) throws IOException {
    Path file = paths.layerRecord(chainId).resolve("cache-id");
    String id = StoreFiles.read(file);
    if (!Digest.isHex(id)) {
      throw new IOException(file + " holds '" + id + "', expected hexadecimal digits");
    }
    return id;
  }

  static List<String> names(Path directory) throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        names.add(entry.getFileName().toString());
      }
    }
    names.sort(null);
    return names;
  }
}
