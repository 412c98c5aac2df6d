package plyfs.image.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import plyfs.image.disk.StoreFiles;
import plyfs.sys.Linux;

/**
 * Shared locks on layers of a store, which keep them from being removed until they are closed or
 * the process ends: flock(2) on {@code overlay2/<cache id>}.
 */
public final class LayerHolds implements AutoCloseable {
  private final List<StoreLock> locks;

  private LayerHolds(List<StoreLock> locks) {
    this.locks = locks;
  }

  /**
   * Locks those of some directories that are layers of a store.
   *
   * @param directories absolute, without symbolic links
   * @throws IOException a layer is being removed, or is gone
   */
  public static LayerHolds of(List<byte[]> directories) throws IOException {
    List<StoreLock> locks = new ArrayList<>();
    LayerHolds holds = new LayerHolds(locks);
    try {
      for (byte[] directory : directories) {
        if (LayerStore.holding(directory) != null) {
          holds.add(StoreFiles.path(directory).resolveSibling("").normalize());
        }
      }
      return holds;
    } catch (Throwable e) {
      holds.close();
      throw e;
    }
  }

  private void add(Path layer) throws IOException {
    StoreLock lock;
    try {
      lock = StoreLock.tryDirectory(layer, Linux.LOCK_SH);
    } catch (StoreLock.NoLocksException e) {
      // A removal cannot lock the layer there either, and refuses.
      return;
    }
    if (lock != null) {
      locks.add(lock);
    }
    // A removal takes the directory away by a rename while it holds the lock.
    if (lock == null || StoreFiles.type(layer.resolve("diff")) != Linux.S_IFDIR) {
      throw new IOException("the layer " + layer + " is being removed from its store");
    }
  }

  @Override
  public void close() {
    locks.forEach(StoreLock::close);
  }
}
