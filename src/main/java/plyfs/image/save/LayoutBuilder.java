package plyfs.image.save;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.Digest;
import plyfs.image.model.ImageConfig;
import plyfs.image.model.Reference;
import plyfs.image.store.LayerStore;
import plyfs.image.store.StoredImage;

/** Puts images into a layout in one of two ways. */
final class LayoutBuilder {
  private static final String REF_NAME = "org.opencontainers.image.ref.name";
  private static final String CONTAINERD_NAME = "io.containerd.image.name";

  private final LayerStore store;
  private final Collection<SavedImage> images;
  private final Layout layout = new Layout();
  private final List<Map<String, Object>> index = new ArrayList<>();

  private LayoutBuilder(LayerStore store, Collection<SavedImage> images) {
    this.store = store;
    this.images = images;
  }

  /**
   * As {@code docker save} writes since version 25: layers are not compressed, and both Docker's
   * and OCI's documents lead to them.
   */
  static Layout docker(LayerStore store, Collection<SavedImage> images) throws IOException {
    LayoutBuilder builder = new LayoutBuilder(store, images);
    builder.addDockers();
    builder.addIndex();
    return builder.layout;
  }

  /**
   * With the manifests and compressed layers by which the images came, where they are kept; else
   * with a new manifest and layers that are not compressed.
   */
  static Layout oci(LayerStore store, Collection<SavedImage> images) throws IOException {
    LayoutBuilder builder = new LayoutBuilder(store, images);
    for (SavedImage image : images) {
      builder.addOci(image);
    }
    builder.addIndex();
    return builder.layout;
  }

  private void addDockers() throws IOException {
    List<Object> manifest = new ArrayList<>();
    Map<String, Map<String, String>> repositories = new TreeMap<>();
    for (SavedImage saved : images) {
      ImageConfig config = addPlain(saved.image());
      Map<String, Object> item = new LinkedHashMap<>();
      item.put("Config", Layout.blobName(config.id()));
      item.put("RepoTags", saved.tags().stream().map(Reference::toString).toList());
      item.put("Layers", config.diffIds().stream().map(Layout::blobName).toList());
      Map<String, Object> sources = new LinkedHashMap<>();
      for (Digest diffId : config.diffIds()) {
        sources.put(diffId.toString(), layout.descriptor(Layout.LAYER_TYPE, diffId));
      }
      item.put("LayerSources", sources);
      manifest.add(item);
      addToIndex(saved, addManifest(config));
      for (Reference tag : saved.tags()) {
        List<Digest> layers = config.diffIds();
        String top = layers.isEmpty() ? "" : layers.get(layers.size() - 1).hex();
        repositories.computeIfAbsent(tag.familiarName(), n -> new TreeMap<>()).put(tag.tag(), top);
      }
    }
    layout.json("manifest.json", manifest);
    if (!repositories.isEmpty()) {
      layout.json("repositories", repositories);
    }
  }

  /** Adds configuration and layers. */
  private ImageConfig addPlain(StoredImage image) throws IOException {
    byte[] bytes = store.config(image);
    ImageConfig config = ImageConfig.parse("image " + image.id(), bytes);
    layout.blob(config.id(), Content.of(bytes));
    for (int i = 0; i < image.chainIds().size(); i++) {
      layout.blob(config.diffIds().get(i), Content.of(store.layerTar(image.chainIds().get(i))));
    }
    return config;
  }

  /** Adds a manifest of what {@link #addPlain} added. */
  private Digest addManifest(ImageConfig config) throws IOException {
    List<Object> layers = new ArrayList<>();
    for (Digest diffId : config.diffIds()) {
      layers.add(layout.descriptor(Layout.LAYER_TYPE, diffId));
    }
    Map<String, Object> manifest = new LinkedHashMap<>();
    manifest.put("schemaVersion", 2);
    manifest.put("mediaType", Layout.MANIFEST_TYPE);
    manifest.put("config", layout.descriptor(Layout.CONFIG_TYPE, config.id()));
    manifest.put("layers", layers);
    byte[] bytes = Layout.bytes(manifest);
    Digest digest = Digest.sha256(bytes);
    layout.blob(digest, Content.of(bytes));
    return digest;
  }

  private void addToIndex(SavedImage saved, Digest manifest) throws IOException {
    if (saved.tags().isEmpty()) {
      index.add(layout.descriptor(Layout.MANIFEST_TYPE, manifest));
    }
    for (Reference tag : saved.tags()) {
      index.add(named(layout.descriptor(Layout.MANIFEST_TYPE, manifest), Map.of(), tag));
    }
  }

  private void addOci(SavedImage saved) throws IOException {
    List<KeptManifest> kept = KeptManifest.complete(store, saved.image());
    if (kept.isEmpty()) {
      addToIndex(saved, addManifest(addPlain(saved.image())));
      return;
    }
    Set<String> names = new LinkedHashSet<>(saved.image().digests());
    if (saved.tags().isEmpty()) {
      index.add(add(kept.get(0), null));
    }
    for (Reference tag : saved.tags()) {
      KeptManifest manifest = kept.get(0);
      for (KeptManifest other : kept) {
        if (names.contains(tag.familiarName() + "@" + other.digest())) {
          manifest = other;
          break;
        }
      }
      index.add(add(manifest, tag));
    }
  }

  private Map<String, Object> add(KeptManifest manifest, @Nullable Reference tag)
      throws IOException {
    manifest.addTo(layout);
    Map<String, Object> descriptor = layout.descriptor(manifest.mediaType(), manifest.digest());
    return named(descriptor, manifest.annotations(), tag);
  }

  private Map<String, Object> named(
      Map<String, Object> descriptor, Map<String, String> annotations, @Nullable Reference tag) {
    Map<String, String> all = new TreeMap<>(annotations);
    if (tag != null) {
      all.put(CONTAINERD_NAME, tag.domain() + "/" + tag.path() + ":" + tag.tag());
      all.put(REF_NAME, isOnlyTag(tag) ? tag.tag() : tag.toString());
    }
    if (!all.isEmpty()) {
      descriptor.put("annotations", all);
    }
    return descriptor;
  }

  /** Programs that know only one of the two annotations must find each image. */
  private boolean isOnlyTag(Reference tag) {
    return images.stream()
        .flatMap(image -> image.tags().stream())
        .noneMatch(other -> other.tag().equals(tag.tag()) && !other.equals(tag));
  }

  private void addIndex() {
    Map<String, Object> top = new LinkedHashMap<>();
    top.put("schemaVersion", 2);
    top.put("mediaType", Layout.INDEX_TYPE);
    top.put("manifests", index);
    layout.json("index.json", top);
    layout.json("oci-layout", Map.of("imageLayoutVersion", "1.0.0"));
  }
}
