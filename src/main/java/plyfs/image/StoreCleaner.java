package plyfs.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;

/**
 * Removes what loads that were killed have left. The caller holds the lock of the store, so no load
 * begins or commits meanwhile.
 */
final class StoreCleaner {
  private StoreCleaner() {}

  static void clean(StorePaths paths) throws IOException {
    for (String load : LayerStore.names(paths.loads())) {
      if (!StoreLock.isHeld(paths.loads().resolve(load))) {
        remove(paths.loads(), load);
      }
    }
    // Killed between the renames of a commit: a layer without a record. Directories of others, such
    // as those of writable mounts, are not marked as committed.
    for (String cacheId : LayerStore.names(paths.layers())) {
      if (Files.exists(paths.layer(cacheId).resolve("committed"))
          && !Files.exists(paths.layerRecords().resolve(cacheId))) {
        remove(paths.layers(), cacheId);
      }
    }
    for (String link : LayerStore.names(paths.links())) {
      Path file = paths.links().resolve(link);
      if (Files.isSymbolicLink(file) && !Files.exists(file)) {
        remove(paths.links(), link);
      }
    }
  }

  private static void remove(Path directory, String name) throws IOException {
    try (Fd fd = StoreFiles.openDirectory(directory)) {
      TreeRemover.remove(fd, StoreFiles.nameBytes(directory.resolve(name)));
    } catch (ErrnoException e) {
      throw new IOException("cannot remove " + directory.resolve(name) + ": " + e.getMessage(), e);
    }
  }
}
