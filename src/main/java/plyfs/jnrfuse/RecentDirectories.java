package plyfs.jnrfuse;

import java.util.concurrent.atomic.AtomicLongArray;
import plyfs.union.UnionFs;

/**
 * Recently used directories of paths. Each holds one lookup, so the next walk finds it, and its
 * known names, without asking the layers. The table contains no paths, so nothing becomes stale. It
 * holds no files, because a deleted file would keep its disk space.
 */
final class RecentDirectories {
  private final UnionFs union;

  /** A node is in the slot that its id selects, or in none. */
  private final AtomicLongArray slots;

  /**
   * A table.
   *
   * @param slots maximum number of directories
   */
  RecentDirectories(UnionFs union, int slots) {
    this.union = union;
    this.slots = new AtomicLongArray(slots);
  }

  /**
   * Stores a directory and takes over one lookup of it; releases the directory that it replaces.
   */
  void keep(long ownedDirectory) {
    int slot = (int) Long.remainderUnsigned(ownedDirectory, slots.length());
    long before = slots.getAndSet(slot, ownedDirectory);
    if (before != 0) {
      union.forget(before, 1);
    }
  }
}
