package plyfs.image.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import plyfs.image.disk.StoreDisk;
import plyfs.image.model.Digest;
import plyfs.image.model.ProgressListener;

/**
 * A quick change of a store, under its lock from the first look to the commit: names, or what is
 * taken away. What is taken away is removed after the lock has been given back.
 */
public final class StoreChange implements AutoCloseable {
  private final StorePaths paths;
  private final StoreDisk disk;
  private final StoreCleaner cleaner;
  private final StoreLock lock;
  private final StoreWork work;
  private final Moves moves;

  private StoreChange(LayerStore store, StoreCleaner cleaner, StoreLock lock, StoreWork work) {
    this.paths = store.paths();
    this.disk = store.disk();
    this.cleaner = cleaner;
    this.lock = lock;
    this.work = work;
    this.moves = new Moves(disk);
  }

  /**
   * Begins a change; removes what changes that were killed have left.
   *
   * @param listener hears what could not be removed
   * @throws IOException there is no store, or it cannot be changed
   */
  public static StoreChange begin(LayerStore store, ProgressListener listener) throws IOException {
    StorePaths paths = store.paths();
    if (!store.disk().exists(paths.root())) {
      throw new IOException("there is no store " + paths.root() + ": 'plyfs load' makes one");
    }
    StoreCleaner cleaner = new StoreCleaner(store, listener);
    StoreLock lock = StoreLock.ofStore(paths);
    try {
      StoreVersion.check(paths, store.disk());
      cleaner.collect();
      return new StoreChange(store, cleaner, lock, StoreWork.begin(store, listener));
    } catch (Throwable e) {
      lock.close();
      cleaner.close();
      throw e;
    }
  }

  /** Writes which names lead to which images. */
  void rename(Repositories names) throws IOException {
    Path file = work.directory().resolve("repositories.json");
    disk.write(file, names.toJson());
    work.replace(moves, file, paths.repositories());
  }

  /** Notes that an image is given a name now. */
  void named(Digest imageId) throws IOException {
    new ImageMetadata(disk, paths, work)
        .put(moves, imageId, Map.of(ImageMetadata.LAST_UPDATED, ImageMetadata.now()));
  }

  /** A name for something that is prepared, to be put in its place. */
  public Path prepared(String name) {
    return work.directory().resolve(name);
  }

  /** Puts what is prepared where nothing is. */
  public void put(Path prepared, Path place) {
    moves.add(prepared, place);
  }

  /** Puts a file that is prepared in the place of another, or where there is none. */
  public void replace(Path prepared, Path place) throws IOException {
    work.replace(moves, prepared, place);
  }

  /** Takes something away, if it is there. */
  public void discard(Path path) throws IOException {
    work.discard(moves, path);
  }

  /**
   * Does all that was prepared.
   *
   * @throws IOException the store is as before, or the message says what stays
   */
  public void commit() throws IOException {
    disk.sync(paths.root());
    moves.run(paths.root());
  }

  /** Gives the lock back, and removes what was taken away. */
  @Override
  public void close() {
    lock.close();
    work.close();
    cleaner.close();
  }
}
