package plyfs.image.save;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.Descriptor;
import plyfs.image.model.Digest;
import plyfs.image.model.ImageConfig;
import plyfs.image.model.Json;
import plyfs.image.model.Manifest;
import plyfs.image.store.LayerStore;
import plyfs.image.store.StoredImage;

/** A manifest by which an image came; all that it names can be written as it was. */
final class KeptManifest {
  private final LayerStore store;
  private final StoredImage image;
  private final Descriptor descriptor;
  private final Manifest manifest;

  private KeptManifest(
      LayerStore store, StoredImage image, Descriptor descriptor, Manifest manifest) {
    this.store = store;
    this.image = image;
    this.descriptor = descriptor;
    this.manifest = manifest;
  }

  /** Those of an image, the one that came last first. */
  static List<KeptManifest> complete(LayerStore store, StoredImage image) throws IOException {
    List<KeptManifest> result = new ArrayList<>();
    List<Digest> diffIds = ImageConfig.parse("image " + image.id(), store.config(image)).diffIds();
    for (Descriptor descriptor : store.manifests(image.id())) {
      KeptManifest kept = of(store, image, descriptor, diffIds);
      if (kept != null) {
        result.add(0, kept);
      }
    }
    return result;
  }

  /** Null where a layer or the manifest itself is not kept any more. */
  private static @Nullable KeptManifest of(
      LayerStore store, StoredImage image, Descriptor descriptor, List<Digest> diffIds)
      throws IOException {
    if (!store.hasBlob(descriptor.digest())) {
      return null;
    }
    byte[] bytes = Files.readAllBytes(store.blob(descriptor.digest()));
    Manifest manifest = Manifest.of(Json.object("manifest " + descriptor.digest(), bytes));
    if (manifest.layers().size() != diffIds.size()) {
      return null;
    }
    for (int i = 0; i < diffIds.size(); i++) {
      Digest layer = manifest.layers().get(i).digest();
      if (!layer.equals(diffIds.get(i)) && !store.hasBlob(layer)) {
        return null;
      }
    }
    return new KeptManifest(store, image, descriptor, manifest);
  }

  Digest digest() {
    return descriptor.digest();
  }

  /** By which it names a layer. */
  Digest layer(int index) {
    return manifest.layers().get(index).digest();
  }

  String mediaType() {
    return descriptor.mediaType();
  }

  Map<String, String> annotations() {
    return descriptor.annotations();
  }

  /** Adds it and all that it names. */
  void addTo(Layout layout) throws IOException {
    layout.blob(digest(), Content.ofBlob(store.blob(digest()), digest()));
    layout.blob(manifest.config().digest(), Content.of(store.config(image)));
    for (int i = 0; i < manifest.layers().size(); i++) {
      Digest layer = manifest.layers().get(i).digest();
      layout.blob(
          layer,
          store.hasBlob(layer)
              ? Content.ofBlob(store.blob(layer), layer)
              : Content.of(store.layerTar(image.chainIds().get(i))));
    }
  }
}
