package plyfs.image.source;

import java.util.List;
import plyfs.image.model.BadImageException;
import plyfs.image.model.ImageConfig;
import plyfs.image.model.Reference;

/**
 * One image of an archive or layout; its layers have not been read yet.
 *
 * @param configBytes the configuration, as the image ID covers it
 * @param tags names that the archive gives it, perhaps none
 * @param layers lowest first, one for each diff_id
 */
public record SourceImage(
    ImageConfig config, ConfigBytes configBytes, List<Reference> tags, List<SourceLayer> layers) {

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
