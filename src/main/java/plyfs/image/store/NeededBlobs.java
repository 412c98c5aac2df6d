package plyfs.image.store;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import plyfs.image.model.BadImageException;
import plyfs.image.model.Descriptor;
import plyfs.image.model.Digest;
import plyfs.image.model.Json;
import plyfs.image.model.Manifest;

/** Which manifests and stored layers the images of a store need. */
final class NeededBlobs {
  private final Set<Digest> digests = new HashSet<>();
  private boolean isComplete = true;

  private NeededBlobs() {}

  /**
   * Reads the manifests of all images but some.
   *
   * @throws IOException one cannot be read; a damaged one is none
   */
  static NeededBlobs exceptOf(LayerStore store, Set<Digest> images) throws IOException {
    NeededBlobs needed = new NeededBlobs();
    for (String hex : store.imageIds()) {
      Digest image = Digest.parse("sha256:" + hex);
      if (!images.contains(image)) {
        needed.addOf(store, image);
      }
    }
    return needed;
  }

  /** Reads the manifests of one image. */
  static NeededBlobs of(LayerStore store, Digest image) throws IOException {
    NeededBlobs needed = new NeededBlobs();
    needed.addOf(store, image);
    return needed;
  }

  private void addOf(LayerStore store, Digest image) throws IOException {
    try {
      for (Descriptor descriptor : store.manifests(image)) {
        digests.add(descriptor.digest());
        byte[] content = store.disk().readIfThere(store.paths().blob(descriptor.digest()));
        if (content == null) {
          isComplete = false;
          continue;
        }
        Manifest manifest = Manifest.of(Json.object("manifest " + descriptor.digest(), content));
        manifest.layers().forEach(layer -> digests.add(layer.digest()));
      }
    } catch (BadImageException e) {
      // What it needs is not known: as a manifest that is missing.
      isComplete = false;
    }
  }

  /** Whether every manifest was sound: only then is a blob that is not in it needed by none. */
  boolean isComplete() {
    return isComplete;
  }

  /** Digests of manifests and of layers as they are stored; not all of them need be kept. */
  Set<Digest> digests() {
    return digests;
  }
}
