package plyfs.image.source;

import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.BadImageException;
import plyfs.image.model.Descriptor;
import plyfs.image.model.Digest;
import plyfs.image.model.ImageConfig;
import plyfs.image.model.Reference;

/**
 * One image of an archive or layout; its layers have not been read yet.
 *
 * @param configBytes the configuration, as the image ID covers it
 * @param tags names that the archive gives it, perhaps none
 * @param layers lowest first, one for each diff_id
 * @param manifest by which the source names the layers as they are stored; null where it has none
 * @param origin where it was pulled from; null for an archive or layout
 */
public record SourceImage(
    ImageConfig config,
    ConfigBytes configBytes,
    List<Reference> tags,
    List<SourceLayer> layers,
    @Nullable SourceManifest manifest,
    @Nullable Origin origin) {

  /** An image of an archive or layout. */
  SourceImage(
      ImageConfig config,
      ConfigBytes configBytes,
      List<Reference> tags,
      List<SourceLayer> layers,
      @Nullable SourceManifest manifest) {
    this(config, configBytes, tags, layers, manifest, null);
  }

  /**
   * Where an image was pulled from.
   *
   * @param name of the repository; the tag does not count
   * @param digest of the manifest or index that the registry gave
   */
  public record Origin(Reference name, Digest digest) {}

  /** A manifest as the source has it. */
  public static final class SourceManifest {
    public final Descriptor descriptor;
    public final byte[] value;

    SourceManifest(Descriptor descriptor, byte[] value) {
      this.descriptor = descriptor;
      this.value = value;
    }
  }

  /**
   * The digest by which a manifest names a layer that cannot be made again from its tar, because it
   * is compressed; null where the tar is enough.
   */
  public @Nullable Digest blobToKeep(SourceLayer layer) {
    return manifest == null || layer.diffId().equals(layer.digest()) ? null : layer.digest();
  }

  /**
   * The image as one that came without a manifest where that names compressed layers: these need
   * not be kept then, and nothing is left that would miss them. Where it was pulled from stays
   * known.
   */
  public SourceImage withoutBlobs() {
    boolean hasBlobs = layers.stream().anyMatch(layer -> blobToKeep(layer) != null);
    return hasBlobs ? new SourceImage(config, configBytes, tags, layers, null, origin) : this;
  }

  /** Bytes that are kept as they are. */
  public static final class ConfigBytes {
    public final byte[] value;

    ConfigBytes(byte[] value) {
      this.value = value;
    }
  }

  /**
   * Pairs layers with what the configuration says of them.
   *
   * @throws BadImageException if their numbers differ
   */
  static void requireSameCount(String label, int layers, ImageConfig config)
      throws BadImageException {
    if (layers != config.diffIds().size()) {
      throw new BadImageException(
          label
              + " names "
              + layers
              + " layers, but the configuration "
              + config.id()
              + " has "
              + config.diffIds().size()
              + " diff_ids");
    }
  }
}
