package plyfs.image.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import plyfs.image.disk.StoreDisk;
import plyfs.image.disk.StoreFiles;
import plyfs.image.model.Digest;
import plyfs.image.model.ProgressListener;
import plyfs.sys.Linux;

/**
 * Removes what changes that were killed have left, and nothing of which that is not certain: a
 * person's file, a layer of Docker's in a store that both use, or what could not be read stay.
 *
 * <p>A tree is moved into {@code tmp} first and removed there, so that a cleaner that is killed
 * leaves no half of a layer.
 */
final class StoreCleaner implements AutoCloseable {
  private static final int DIGITS = 64;

  private final LayerStore store;
  private final StorePaths paths;
  private final StoreDisk disk;
  private final ProgressListener listener;

  /** Directories in {@code tmp} whose changes are dead, locked for their removal. */
  private final Map<String, StoreLock> dead = new LinkedHashMap<>();

  StoreCleaner(LayerStore store, ProgressListener listener) {
    this.store = store;
    this.paths = store.paths();
    this.disk = store.disk();
    this.listener = listener;
  }

  /**
   * Finds it, and takes it out of the places where images and layers are. The caller holds the lock
   * of the store, so no change begins or commits meanwhile. What does not go is told to the
   * listener, and keeps no change from going on.
   */
  void collect() {
    each(paths.layerRecords(), this::isRecordWithoutLayer, this::discard);
    collectUnneededLayers();
    each(paths.metadata(), this::isOfNoImage, this::discard);
    collectUnneededBlobs();
    each(paths.layers(), this::isLayerWithoutRecord, this::discard);
    each(paths.layers(), this::isOfNoContainer, this::discard);
    each(paths.mountRecords(), name -> isDigest(name) && isWithoutContainer(name), this::discard);
    each(paths.links(), this::leadsNowhere, disk::remove);
    each(paths.loads(), PartialBlob::isName, this::discardOldPartial);
    each(paths.loads(), this::isDead, (directory, name) -> {});
  }

  /** Removes it. The lock of the store is not needed, as no other process finds it any more. */
  @Override
  public void close() {
    dead.forEach(
        (name, lock) -> {
          try (lock) {
            disk.remove(paths.loads(), name);
          } catch (IOException e) {
            notice(paths.loads(), e);
          }
        });
  }

  /** Whether a name of a directory is rubbish. */
  @FunctionalInterface
  private interface Rubbish {
    boolean test(String name) throws IOException;
  }

  /** What happens to it. */
  @FunctionalInterface
  private interface Disposal {
    void of(Path directory, String name) throws IOException;
  }

  private void each(Path directory, Rubbish rubbish, Disposal disposal) {
    try {
      if (!disk.exists(directory)) {
        return;
      }
      for (String name : disk.names(directory)) {
        disposeIf(directory, name, rubbish, disposal);
      }
    } catch (IOException e) {
      notice(directory, e);
    }
  }

  private void disposeIf(Path directory, String name, Rubbish rubbish, Disposal disposal) {
    try {
      if (rubbish.test(name)) {
        disposal.of(directory, name);
      }
    } catch (IOException e) {
      notice(directory, e);
    }
  }

  private void notice(Path directory, IOException failure) {
    listener.notice(
        "what a killed load may have left in " + directory + " stays: " + failure.getMessage());
  }

  private void discard(Path directory, String name) throws IOException {
    disk.move(directory.resolve(name), StoreWork.unusedName(paths));
  }

  /** Nobody has gone on with it for a day. */
  private void discardOldPartial(Path directory, String name) throws IOException {
    try (StoreLock lock = StoreLock.tryDirectory(directory.resolve(name), Linux.LOCK_EX)) {
      if (lock != null && PartialBlob.isOld(directory.resolve(name))) {
        discard(directory, name);
      }
    }
  }

  /** Locks it, too, so that no other cleaner removes it at the same time. */
  private boolean isDead(String name) throws IOException {
    Path load = paths.loads().resolve(name);
    if (!name.startsWith(StorePaths.LOAD_PREFIX) || StoreFiles.type(load) != Linux.S_IFDIR) {
      return false;
    }
    StoreLock lock = StoreLock.tryDirectory(load, Linux.LOCK_EX);
    if (lock != null) {
      dead.put(name, lock);
    }
    return lock != null;
  }

  private static boolean isDigest(String name) {
    return name.length() == DIGITS && Digest.isHex(name);
  }

  /** The layer was removed by hand, so a load must bring it again. */
  private boolean isRecordWithoutLayer(String name) throws IOException {
    return isDigest(name) && isOurs(name) && !disk.exists(paths.layer(name).resolve("diff"));
  }

  /** Docker's records name a random directory. */
  private boolean isOurs(String name) throws IOException {
    byte[] cacheId = disk.readIfThere(paths.layerRecords().resolve(name).resolve("cache-id"));
    return cacheId != null && new String(cacheId, UTF_8).strip().equals(name);
  }

  /** Killed between the removal of a configuration and that of what else is known of its image. */
  private boolean isOfNoImage(String name) throws IOException {
    Path directory = paths.metadata().resolve(name);
    return isDigest(name)
        && (disk.exists(directory.resolve(ImageMetadata.MANIFESTS))
            || disk.exists(directory.resolve(ImageMetadata.LAST_UPDATED)))
        && !disk.exists(paths.configs().resolve(name));
  }

  /** Killed between the removal of an image and that of its layers. */
  private void collectUnneededLayers() {
    try {
      if (!disk.exists(paths.layerRecords()) || disk.names(paths.layerRecords()).isEmpty()) {
        return;
      }
      ImageChains chains = ImageChains.of(store);
      if (chains.isComplete()) {
        Set<Digest> needed = chains.layers();
        needed.addAll(LayerUses.ofRunningLoads(paths, disk));
        each(paths.layerRecords(), name -> isUnneeded(name, needed), this::discardLayer);
      }
    } catch (IOException e) {
      notice(paths.layerRecords(), e);
    }
  }

  /** Killed between the removal of an image and that of what was kept of it as it came. */
  private void collectUnneededBlobs() {
    Path blobs = paths.blobs("sha256");
    try {
      if (!disk.exists(blobs) || disk.names(blobs).isEmpty()) {
        return;
      }
      NeededBlobs needed = NeededBlobs.exceptOf(store, Set.of());
      if (needed.isComplete()) {
        needed.digests().addAll(LayerUses.ofRunningLoads(paths, disk));
        each(
            blobs,
            name -> isDigest(name) && !needed.digests().contains(Digest.parse("sha256:" + name)),
            disk::remove);
      }
    } catch (IOException e) {
      notice(blobs, e);
    }
  }

  private boolean isUnneeded(String name, Set<Digest> needed) throws IOException {
    return isDigest(name) && !needed.contains(Digest.parse("sha256:" + name)) && isOurs(name);
  }

  private void discardLayer(Path records, String name) throws IOException {
    Path layer = paths.layer(name);
    try (StoreLock lock = StoreLock.tryDirectory(layer, Linux.LOCK_EX)) {
      if (lock != null) {
        discard(records, name);
        discard(paths.layers(), name);
      }
    }
  }

  /**
   * Killed between the renames of a commit. Docker's layers have {@code committed} too, but its
   * short names are random.
   */
  private boolean isLayerWithoutRecord(String name) throws IOException {
    if (!isDigest(name)) {
      return false;
    }
    Path layer = paths.layer(name);
    byte[] link = disk.readIfThere(layer.resolve("link"));
    return link != null
        && new String(link, UTF_8).equals(StorePaths.link(name))
        && disk.exists(layer.resolve("committed"))
        && !disk.exists(paths.layerRecords().resolve(name));
  }

  /**
   * The writable layer of a container that was killed before it was known, or after it had been
   * removed. Docker's have random short names.
   */
  private boolean isOfNoContainer(String name) throws IOException {
    if (!isDigest(name) || !isWithoutContainer(name)) {
      return false;
    }
    Path layer = paths.layer(name);
    byte[] link = disk.readIfThere(layer.resolve("link"));
    return link != null
        && new String(link, UTF_8).equals(StorePaths.link(name))
        && !disk.exists(layer.resolve("committed"));
  }

  private boolean isWithoutContainer(String id) throws IOException {
    return !disk.exists(paths.container(id));
  }

  private boolean leadsNowhere(String name) throws IOException {
    Path target = disk.linkTarget(paths.links().resolve(name));
    return target != null
        && target.getNameCount() == 3
        && target.startsWith("..")
        && name.equals(linkOf(target.getName(1).toString()))
        && !disk.exists(paths.links().resolve(target));
  }

  /** The short name that a load gives; null for a directory that is no load's. */
  private static @Nullable String linkOf(String cacheId) {
    return isDigest(cacheId) ? StorePaths.link(cacheId) : null;
  }
}
