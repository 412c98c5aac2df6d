package plyfs.image.store;

import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import plyfs.image.model.BadImageException;
import plyfs.image.model.Digest;
import plyfs.image.model.ImageConfig;

/** Which layers each image of a store has. */
final class ImageChains {
  private final Map<Digest, List<Digest>> chains;
  private final boolean isComplete;

  private ImageChains(Map<Digest, List<Digest>> chains, boolean isComplete) {
    this.chains = chains;
    this.isComplete = isComplete;
  }

  /**
   * Reads all configurations.
   *
   * @throws IOException one cannot be read; a damaged one is none
   */
  static ImageChains of(LayerStore store) throws IOException {
    Map<Digest, List<Digest>> chains = new HashMap<>();
    boolean isComplete = true;
    for (String hex : store.imageIds()) {
      Digest id = Digest.parse("sha256:" + hex);
      byte[] content = store.disk().readIfThere(store.paths().config(id));
      if (content != null && Digest.sha256(content).equals(id)) {
        try {
          chains.put(id, ImageConfig.parse("image " + id, content).chainIds());
          continue;
        } catch (BadImageException e) {
          // Its layers are not known: as one that is damaged.
        }
      }
      isComplete = false;
    }
    return new ImageChains(chains, isComplete);
  }

  /**
   * Whether every configuration was sound: only then is a layer that is not in it needed by none.
   */
  boolean isComplete() {
    return isComplete;
  }

  /** The layers of all images. */
  Set<Digest> layers() {
    return layersExceptOf(Set.of());
  }

  /** The layers of all images but some. */
  Set<Digest> layersExceptOf(Set<Digest> images) {
    Set<Digest> layers = new HashSet<>();
    chains.forEach(
        (id, chain) -> {
          if (!images.contains(id)) {
            layers.addAll(chain);
          }
        });
    return layers;
  }
}
