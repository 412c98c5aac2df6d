package plyfs.image.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import plyfs.image.model.Digest;
import plyfs.image.model.ProgressListener;
import plyfs.image.model.Reference;
import plyfs.sys.Linux;

/**
 * Takes names and images out of a store, with the layers that no other image has. Names go first,
 * then configurations, then layers from the top: whatever a name leads to is whole at any time.
 */
public final class ImageRemoval {
  private final LayerStore store;
  private final ImageUsers users;
  private final ProgressListener listener;

  /** Says who uses an image. */
  public interface ImageUsers {
    /** Sentences such as "the mount at /mnt uses it"; empty if it is free. */
    List<String> of(StoredImage image) throws IOException;
  }

  /**
   * What was taken away.
   *
   * @param names that lead nowhere now
   * @param images IDs of the images that are gone
   * @param layers chain IDs of the layers that are gone, those of an image topmost first
   * @param bytes size of their files, and of what was kept of them as it came
   */
  public record Removed(List<String> names, List<Digest> images, List<Digest> layers, long bytes) {}

  /**
   * Prepares removals.
   *
   * @param listener hears what could not be removed
   */
  public ImageRemoval(LayerStore store, ImageUsers users, ProgressListener listener) {
    this.store = store;
    this.users = users;
    this.listener = listener;
  }

  /**
   * Takes a name away, and the image with its last name. An ID takes the image with all its names.
   *
   * @param text a name or an ID, as {@link LayerStore#find} takes it
   * @param isForced takes an ID that several repositories name; takes the last name of an image
   *     that is in use, which stays
   * @throws IOException there is no such image, or it must stay; one sentence
   */
  public Removed remove(String text, boolean isForced) throws IOException {
    try (StoreChange change = StoreChange.begin(store, listener)) {
      StoredImage image = store.find(text);
      Repositories repositories = store.repositoriesToChange(listener);
      Reference name = nameOf(text, image, repositories);
      List<String> names =
          name == null ? allNames(image, repositories) : repositories.withDigests(name);
      boolean isLast = names.containsAll(image.tags());
      if (name == null && !isForced) {
        requireOneRepository(text, image);
      }
      List<String> using = isLast ? users.of(image) : List.of();
      if (!using.isEmpty() && (name == null || !isForced)) {
        throw new IOException(
            "cannot remove '" + text + "', image " + shown(image) + ": " + using.get(0));
      }
      Collection<StoredImage> gone = isLast && using.isEmpty() ? List.of(image) : List.of();
      return remove(change, repositories, names, gone);
    }
  }

  private static List<String> allNames(StoredImage image, Repositories repositories) {
    List<String> names = new ArrayList<>(repositories.namesOf(image.id()));
    names.addAll(repositories.digestsOf(image.id()));
    return names;
  }

  /** The name that a text is; null if it is an ID. */
  private static @Nullable Reference nameOf(
      String text, StoredImage image, Repositories repositories) {
    Reference name = Reference.parse(text);
    return name != null && image.id().equals(repositories.find(name)) ? name : null;
  }

  private static void requireOneRepository(String text, StoredImage image) throws IOException {
    Set<String> repositories = new LinkedHashSet<>();
    for (String name : image.tags()) {
      repositories.add(Repositories.repositoryOf(name));
    }
    if (repositories.size() > 1) {
      throw new IOException(
          "cannot remove '"
              + text
              + "': image "
              + shown(image)
              + " has names in several repositories ("
              + String.join(", ", image.tags())
              + "): remove it by its names, or with --force");
    }
  }

  private static String shown(StoredImage image) {
    return image.id().shortHex();
  }

  /** Which images a removal of several takes. */
  @FunctionalInterface
  public interface Choice {
    boolean takes(StoredImage image) throws IOException;
  }

  /**
   * Removes all images that are chosen and not in use, with their names.
   *
   * @param isDry only says what would be removed
   */
  public Removed removeAll(Choice choice, boolean isDry) throws IOException {
    try (StoreChange change = StoreChange.begin(store, listener)) {
      List<StoredImage> gone = new ArrayList<>();
      List<String> names = new ArrayList<>();
      Repositories repositories = store.repositoriesToChange(listener);
      for (StoredImage image : store.images()) {
        if (choice.takes(image) && users.of(image).isEmpty()) {
          gone.add(image);
          names.addAll(allNames(image, repositories));
        }
      }
      if (isDry) {
        return removed(names, gone, unneeded(gone), unneededBlobs(gone));
      }
      return remove(change, repositories, names, gone);
    }
  }

  private Removed remove(
      StoreChange change,
      Repositories repositories,
      Collection<String> names,
      Collection<StoredImage> images)
      throws IOException {
    List<Digest> layers = unneeded(images);
    Set<Digest> blobs = unneededBlobs(images);
    List<StoreLock> locks = new ArrayList<>();
    try {
      for (Digest layer : layers) {
        locks.add(lock(layer));
      }
      if (!names.isEmpty()) {
        names.forEach(repositories::remove);
        change.rename(repositories);
      }
      for (StoredImage image : images) {
        change.discard(store.paths().config(image.id()));
        change.discard(store.paths().metadata(image.id()));
      }
      for (Digest layer : layers) {
        String cacheId = store.cacheId(layer);
        change.discard(store.paths().layerRecord(layer));
        change.discard(store.paths().links().resolve(StorePaths.link(cacheId)));
        change.discard(store.paths().layer(cacheId));
      }
      for (Digest blob : blobs) {
        change.discard(store.paths().blob(blob));
      }
      Removed removed = removed(names, images, layers, blobs);
      change.commit();
      return removed;
    } finally {
      locks.forEach(StoreLock::close);
    }
  }

  private Removed removed(
      Collection<String> names,
      Collection<StoredImage> images,
      List<Digest> layers,
      Set<Digest> blobs)
      throws IOException {
    long bytes = 0;
    for (Digest layer : layers) {
      bytes += store.size(layer);
    }
    for (Digest blob : blobs) {
      bytes += Files.size(store.paths().blob(blob));
    }
    return new Removed(
        List.copyOf(names), images.stream().map(StoredImage::id).toList(), layers, bytes);
  }

  /** The layers that only these images have, of each image the topmost first. */
  private List<Digest> unneeded(Collection<StoredImage> images) throws IOException {
    ImageChains chains = ImageChains.of(store);
    if (!chains.isComplete()) {
      // A damaged configuration may be of an image that has them.
      return List.of();
    }
    Set<Digest> gone = new LinkedHashSet<>();
    for (StoredImage image : images) {
      gone.add(image.id());
    }
    Set<Digest> kept = chains.layersExceptOf(gone);
    kept.addAll(LayerUses.ofRunningLoads(store.paths(), store.disk()));
    Set<Digest> layers = new LinkedHashSet<>();
    for (StoredImage image : images) {
      for (int i = image.chainIds().size() - 1; i >= 0; i--) {
        Digest layer = image.chainIds().get(i);
        if (!kept.contains(layer) && store.hasLayer(layer)) {
          layers.add(layer);
        }
      }
    }
    return List.copyOf(layers);
  }

  /** The manifests and stored layers that only these images need. */
  private Set<Digest> unneededBlobs(Collection<StoredImage> images) throws IOException {
    Set<Digest> gone = new LinkedHashSet<>();
    Set<Digest> blobs = new LinkedHashSet<>();
    for (StoredImage image : images) {
      gone.add(image.id());
      blobs.addAll(NeededBlobs.of(store, image.id()).digests());
    }
    NeededBlobs kept = NeededBlobs.exceptOf(store, gone);
    if (!kept.isComplete()) {
      // A damaged manifest may name them.
      return Set.of();
    }
    blobs.removeAll(kept.digests());
    blobs.removeAll(LayerUses.ofRunningLoads(store.paths(), store.disk()));
    Set<Digest> there = new LinkedHashSet<>();
    for (Digest blob : blobs) {
      if (store.hasBlob(blob)) {
        there.add(blob);
      }
    }
    return there;
  }

  private StoreLock lock(Digest layer) throws IOException {
    Path directory = store.paths().layer(store.cacheId(layer));
    StoreLock lock = StoreLock.tryDirectory(directory, Linux.LOCK_EX);
    if (lock == null) {
      throw new IOException(
          "cannot remove the layer "
              + layer.shortHex()
              + ": a mount uses "
              + directory
              + ", perhaps one of another user, or a save: unmount it first");
    }
    return lock;
  }
}
