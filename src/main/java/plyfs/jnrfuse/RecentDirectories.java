package plyfs.jnrfuse;

import java.util.concurrent.atomic.AtomicLongArray;
import plyfs.union.UnionFs;

/**
 * Directories that paths led through lately: each keeps one lookup, so the next walk finds it, and
 * what the engine knows of its names, without asking the layers. No path stands here, so nothing
 * goes out of date. Files are not kept: a deleted one would take its space on the disk along.
 */
final class RecentDirectories {
  private final UnionFs union;

  /** A node stands in the slot that its id falls on, or nowhere. */
  private final AtomicLongArray slots;

  /**
   * A table.
   *
   * @param slots how many are kept at most
   */
  RecentDirectories(UnionFs union, int slots) {
    this.union = union;
    this.slots = new AtomicLongArray(slots);
  }

  /** Keeps a directory, with one lookup that is taken over; gives back that of another. */
  void keep(long ownedDirectory) {
    int slot = (int) Long.remainderUnsigned(ownedDirectory, slots.length());
    long before = slots.getAndSet(slot, ownedDirectory);
    if (before != 0) {
      union.forget(before, 1);
    }
  }
}
