package plyfs.image.store;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import plyfs.image.model.Digest;

/** What the images of a store cost: a layer that several images have is counted once. */
public final class StoreUsage {
  private final List<StoredImage> images;

  /** How many images have a layer. */
  private final Map<Digest, Integer> users = new HashMap<>();

  private final Map<Digest, Long> sizes = new HashMap<>();

  /** Of manifests and of compressed layers that are kept as they came. */
  private final Map<Digest, Long> blobs = new HashMap<>();

  private final LayerStore store;

  /** Adds up the layers of all images of a store. */
  public StoreUsage(LayerStore store) throws IOException {
    this.store = store;
    images = store.images();
    for (StoredImage image : images) {
      for (Digest layer : new HashSet<>(image.chainIds())) {
        users.merge(layer, 1, Integer::sum);
      }
    }
    for (Digest layer : users.keySet()) {
      sizes.put(layer, store.size(layer));
    }
    for (Digest blob : NeededBlobs.exceptOf(store, Set.of()).digests()) {
      if (store.hasBlob(blob)) {
        blobs.put(blob, Files.size(store.blob(blob)));
      }
    }
  }

  /** How many manifests and compressed layers are kept as they came. */
  public int blobs() {
    return blobs.size();
  }

  /** Their bytes. */
  public long blobBytes() {
    return blobs.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Bytes of those that the removal of some images would free. */
  public long reclaimableBlobs(Collection<StoredImage> removable) throws IOException {
    Set<Digest> ids = new HashSet<>();
    removable.forEach(image -> ids.add(image.id()));
    Set<Digest> kept = NeededBlobs.exceptOf(store, ids).digests();
    return blobs.entrySet().stream()
        .filter(blob -> !kept.contains(blob.getKey()))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  /** All images, newest first. */
  public List<StoredImage> images() {
    return images;
  }

  /** Bytes of all layers. */
  public long bytes() {
    return sizes.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Bytes of the layers of an image that another image has, too. */
  public long shared(StoredImage image) {
    return sizeOf(image, false);
  }

  /** Bytes of the layers that only this image has. */
  public long unique(StoredImage image) {
    return sizeOf(image, true);
  }

  private long sizeOf(StoredImage image, boolean isUnique) {
    long bytes = 0;
    for (Digest layer : new HashSet<>(image.chainIds())) {
      if (users.getOrDefault(layer, 0) == 1 == isUnique) {
        bytes += sizes.getOrDefault(layer, 0L);
      }
    }
    return bytes;
  }

  /** Bytes that the removal of some images would free. */
  public long reclaimable(Collection<StoredImage> removable) {
    Set<Digest> free = new HashSet<>();
    Set<Digest> ids = new HashSet<>();
    for (StoredImage image : removable) {
      ids.add(image.id());
      free.addAll(image.chainIds());
    }
    images.stream()
        .filter(image -> !ids.contains(image.id()))
        .forEach(image -> free.removeAll(new HashSet<>(image.chainIds())));
    return free.stream().mapToLong(layer -> sizes.getOrDefault(layer, 0L)).sum();
  }
}
