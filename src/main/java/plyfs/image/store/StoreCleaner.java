package plyfs.image.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import plyfs.image.disk.StoreDisk;
import plyfs.image.disk.StoreFiles;
import plyfs.image.model.Digest;
import plyfs.image.model.ProgressListener;
import plyfs.sys.Linux;

/**
 * Removes what loads that were killed have left, and nothing of which that is not certain: a
 * person's file, a layer of Docker's in a store that both use, or what could not be read stay. The
 * caller holds the lock of the store, so no load begins or commits meanwhile.
 */
public final class StoreCleaner {
  private static final int CHAIN_ID_DIGITS = 64;

  private final StorePaths paths;
  private final StoreDisk disk;
  private final ProgressListener listener;

  StoreCleaner(StorePaths paths, StoreDisk disk, ProgressListener listener) {
    this.paths = paths;
    this.disk = disk;
    this.listener = listener;
  }

  /**
   * Removes all of it. What does not go is told to the listener, and keeps no load from going on.
   */
  void clean() {
    each(paths.loads(), this::isDeadLoad);
    each(paths.layers(), this::isLayerWithoutRecord);
    each(paths.links(), this::leadsNowhere);
  }

  /** Whether a name of a directory may be removed. */
  @FunctionalInterface
  private interface Rubbish {
    boolean test(String name) throws IOException;
  }

  private void each(Path directory, Rubbish rubbish) {
    try {
      for (String name : disk.names(directory)) {
        removeIf(directory, name, rubbish);
      }
    } catch (IOException e) {
      notice(directory, e);
    }
  }

  private void removeIf(Path directory, String name, Rubbish rubbish) {
    try {
      if (rubbish.test(name)) {
        disk.remove(directory, name);
      }
    } catch (IOException e) {
      notice(directory, e);
    }
  }

  private void notice(Path directory, IOException failure) {
    listener.notice(
        "what a killed load may have left in " + directory + " stays: " + failure.getMessage());
  }

  private boolean isDeadLoad(String name) throws IOException {
    Path load = paths.loads().resolve(name);
    return name.startsWith(StorePaths.LOAD_PREFIX)
        && StoreFiles.type(load) == Linux.S_IFDIR
        && !StoreLock.isHeld(load);
  }

  /**
   * Killed between the renames of a commit. Docker's layers have {@code committed} too, but its
   * short names are random.
   */
  private boolean isLayerWithoutRecord(String name) throws IOException {
    if (name.length() != CHAIN_ID_DIGITS || !Digest.isHex(name)) {
      return false;
    }
    Path layer = paths.layer(name);
    byte[] link = disk.readIfThere(layer.resolve("link"));
    return link != null
        && new String(link, UTF_8).equals(StorePaths.link(name))
        && disk.exists(layer.resolve("committed"))
        && !disk.exists(paths.layerRecords().resolve(name));
  }

  private boolean leadsNowhere(String name) throws IOException {
    Path target = disk.linkTarget(paths.links().resolve(name));
    return target != null
        && target.getNameCount() == 3
        && target.startsWith("..")
        && name.equals(linkOf(target.getName(1).toString()))
        && !disk.exists(paths.links().resolve(target));
  }

  /** The short name that a load gives; empty for a directory that is no load's. */
  private static String linkOf(String cacheId) {
    boolean ours = cacheId.length() == CHAIN_ID_DIGITS && Digest.isHex(cacheId);
    return ours ? StorePaths.link(cacheId) : "";
  }
}
