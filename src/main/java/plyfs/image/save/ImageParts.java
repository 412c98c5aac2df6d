package plyfs.image.save;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.Digest;
import plyfs.image.model.ImageConfig;
import plyfs.image.model.Reference;
import plyfs.image.store.LayerStore;
import plyfs.image.store.StoredImage;

/**
 * What an image of a store is for a registry: configuration, layers and, where it came by one that
 * can be sent again, its manifest.
 */
public final class ImageParts {
  private static final String GZIP_TYPE = Layout.LAYER_TYPE + "+gzip";

  private final LayerStore store;
  private final byte[] config;
  private final ImageConfig parsed;
  private final @Nullable KeptManifest kept;
  private final List<Layer> layers = new ArrayList<>();

  private ImageParts(
      LayerStore store, byte[] config, ImageConfig parsed, @Nullable KeptManifest kept) {
    this.store = store;
    this.config = config;
    this.parsed = parsed;
    this.kept = kept;
  }

  /**
   * A layer.
   *
   * @param diffId digest of its tar
   * @param digest by which the manifest names it; null where there is no manifest yet
   * @param blob where it is kept as the manifest names it; null where the tar must be made
   */
  public record Layer(
      Digest diffId, @Nullable Digest digest, @Nullable Path blob, Digest chainId) {}

  /**
   * Takes an image apart.
   *
   * @param name of several manifests, the one that came under it is taken, else the last
   */
  public static ImageParts of(LayerStore store, StoredImage image, Reference name)
      throws IOException {
    byte[] config = store.config(image);
    ImageConfig parsed = ImageConfig.parse("image " + image.id(), config);
    List<KeptManifest> all = KeptManifest.complete(store, image);
    Set<String> names = new LinkedHashSet<>(image.digests());
    KeptManifest kept = all.isEmpty() ? null : all.get(0);
    for (KeptManifest other : all) {
      if (names.contains(name.familiarName() + "@" + other.digest())) {
        kept = other;
        break;
      }
    }
    ImageParts parts = new ImageParts(store, config, parsed, kept);
    for (int i = 0; i < parsed.diffIds().size(); i++) {
      Digest diffId = parsed.diffIds().get(i);
      Digest digest = kept == null ? null : kept.layer(i);
      Path blob = digest != null && store.hasBlob(digest) ? store.blob(digest) : null;
      parts.layers.add(new Layer(diffId, digest, blob, image.chainIds().get(i)));
    }
    return parts;
  }

  public Digest configDigest() {
    return parsed.id();
  }

  /** Not to be changed. */
  public byte[] config() {
    return config;
  }

  /** Lowest first. */
  public List<Layer> layers() {
    return List.copyOf(layers);
  }

  /** Writes the tar of a layer. */
  public void writeTar(Layer layer, OutputStream out) throws IOException {
    store.layerTar(layer.chainId).write(out);
  }

  /** The manifest by which the image came; null for none. */
  public byte @Nullable [] manifest() throws IOException {
    return kept == null ? null : Files.readAllBytes(store.blob(kept.digest()));
  }

  /** Media type of the manifest. */
  public String manifestType() {
    return kept == null || kept.mediaType().isEmpty() ? Layout.MANIFEST_TYPE : kept.mediaType();
  }

  /** A layer as it is going to be in the registry. */
  public record Packed(Digest digest, long size) {}

  /**
   * A new manifest.
   *
   * @param packed the layers, compressed with gzip, lowest first
   */
  public byte[] newManifest(List<Packed> packed) {
    List<Object> descriptors = new ArrayList<>();
    packed.forEach(layer -> descriptors.add(descriptor(GZIP_TYPE, layer)));
    Map<String, Object> manifest = new LinkedHashMap<>();
    manifest.put("schemaVersion", 2);
    manifest.put("mediaType", Layout.MANIFEST_TYPE);
    manifest.put(
        "config", descriptor(Layout.CONFIG_TYPE, new Packed(configDigest(), config.length)));
    manifest.put("layers", descriptors);
    return Layout.bytes(manifest);
  }

  private static Map<String, Object> descriptor(String type, Packed blob) {
    Map<String, Object> descriptor = new LinkedHashMap<>();
    descriptor.put("mediaType", type);
    descriptor.put("digest", blob.digest.toString());
    descriptor.put("size", blob.size);
    return descriptor;
  }
}
