package plyfs.image.store;

import java.io.IOException;
import java.nio.file.Path;
import plyfs.image.model.ProgressListener;

/**
 * A directory in {@code tmp} for what takes time and needs no lock of the store. It is removed at
 * the end, or by the next change if this process is killed.
 */
public final class StoreScratch implements AutoCloseable {
  private final StoreWork work;

  private StoreScratch(StoreWork work) {
    this.work = work;
  }

  /**
   * Makes one.
   *
   * @param listener hears what could not be removed
   */
  public static StoreScratch begin(LayerStore store, ProgressListener listener) throws IOException {
    StoreLock lock = StoreLock.ofStore(store.paths());
    try (lock) {
      StoreVersion.check(store.paths(), store.disk());
      return new StoreScratch(StoreWork.begin(store, listener));
    }
  }

  /** The directory. */
  public Path directory() {
    return work.directory();
  }

  @Override
  public void close() {
    work.close();
  }
}
