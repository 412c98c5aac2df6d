package plyfs.cli.image;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import plyfs.image.model.Digest;
import plyfs.image.store.StoredImage;

/** Which layers several images of a store have. */
final class SharedLayers {
  private final Map<Digest, Integer> users = new HashMap<>();

  /**
   * Counts.
   *
   * @param images all of the store
   */
  SharedLayers(List<StoredImage> images) {
    for (StoredImage image : images) {
      image.chainIds().forEach(layer -> users.merge(layer, 1, Integer::sum));
    }
  }

  /** Bytes of the layers of an image that others have, too. */
  long bytes(StoredImage image) {
    long bytes = 0;
    for (int i = 0; i < image.chainIds().size(); i++) {
      if (users.getOrDefault(image.chainIds().get(i), 0) > 1) {
        bytes += image.layerSizes().get(i);
      }
    }
    return bytes;
  }
}
