package plyfs.image.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import plyfs.image.disk.StoreDisk;
import plyfs.image.model.ProgressListener;

/**
 * A directory of one change of a store, {@code tmp/load-<random>}, locked while the change runs.
 * What a change takes away is moved there, and what it brings is built there, so a change that is
 * killed leaves nothing else, and the next one removes it.
 */
final class StoreWork implements AutoCloseable {
  private final StoreDisk disk;
  private final StorePaths paths;
  private final Path directory;
  private final StoreLock lock;
  private final ProgressListener listener;
  private int discarded;

  private StoreWork(
      StoreDisk disk, StorePaths paths, Path directory, StoreLock lock, ProgressListener listener) {
    this.disk = disk;
    this.paths = paths;
    this.directory = directory;
    this.lock = lock;
    this.listener = listener;
  }

  /**
   * Begins a change, and makes what a store must have. The caller holds the lock of the store, and
   * has checked its version.
   *
   * @param listener hears what could not be removed
   */
  static StoreWork begin(LayerStore store, ProgressListener listener) throws IOException {
    StorePaths paths = store.paths();
    StoreDisk disk = store.disk();
    for (Path directory :
        List.of(paths.loads(), paths.links(), paths.configs(), paths.layerRecords())) {
      disk.makeDirectories(directory);
    }
    Path directory = unusedName(paths);
    // Unpacked layers may hold setuid programs: no other user looks in before they are verified.
    disk.makePrivateDirectory(directory);
    StoreWork work =
        new StoreWork(disk, paths, directory, StoreLock.ofDirectory(directory), listener);
    try {
      StoreVersion.mark(paths, disk, directory);
      return work;
    } catch (Throwable e) {
      work.close();
      throw e;
    }
  }

  /** A name in {@code tmp} that nothing has. */
  static Path unusedName(StorePaths paths) {
    return paths.loads().resolve(StorePaths.LOAD_PREFIX + UUID.randomUUID());
  }

  Path directory() {
    return directory;
  }

  /** Has moves take something away, if it is there. */
  void discard(Moves moves, Path path) throws IOException {
    if (disk.exists(path)) {
      moves.add(path, directory.resolve("discarded-" + discarded++));
    }
  }

  /**
   * Has moves put a file in the place of another, or where there is none.
   *
   * @param file in this directory, or below it
   */
  void replace(Moves moves, Path file, Path place) throws IOException {
    byte[] content = disk.readIfThere(place);
    Path before = null;
    if (content != null) {
      before = file.resolveSibling(file.getFileName() + ".before");
      disk.write(before, content);
    }
    moves.replace(file, place, before);
  }

  /** Removes whatever is in it; what does not go is left to the next change. */
  @Override
  public void close() {
    try (lock) {
      disk.remove(paths.loads(), String.valueOf(directory.getFileName()));
    } catch (IOException e) {
      listener.notice(e.getMessage() + "; the next load will try it again");
    }
  }
}
