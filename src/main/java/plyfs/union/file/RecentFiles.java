package plyfs.union.file;

import org.jspecify.annotations.Nullable;
import plyfs.sys.RankedLock;
import plyfs.union.node.Leaf;
import plyfs.union.node.OpenFiles;
import plyfs.union.node.Ranks;

/**
 * The files that were used last by requests that name no handle, kept open from one request to the
 * next: a bounded number. When the table is full a clock hand passes over it and lets go of the
 * first file that was not used since its last visit.
 */
public final class RecentFiles {
  private final RankedLock lock = new RankedLock(Ranks.RECENT_FILES);
  private final @Nullable Leaf[] slots;
  private int hand;

  /**
   * A table.
   *
   * @param limit files that are kept open at once, at least 1
   */
  RecentFiles(int limit) {
    this.slots = new Leaf[limit];
  }

  /** Keeps the files of a node open, which the caller has open. */
  void keep(Leaf node) {
    OpenFiles files = node.openFiles();
    if (files.isKept()) {
      return;
    }
    Leaf other = null;
    lock.lock();
    try {
      if (files.keep()) {
        int slot = freeSlot();
        other = slots[slot];
        slots[slot] = node;
      }
    } finally {
      lock.unlock();
    }
    if (other != null) {
      other.openFiles().letGo();
    }
  }

  /** A slot that is empty, or whose file was not used lately. */
  private int freeSlot() {
    for (int steps = 0; steps < 2 * slots.length; steps++) {
      hand = hand + 1 == slots.length ? 0 : hand + 1;
      Leaf candidate = slots[hand];
      if (candidate == null || !candidate.openFiles().takeRecentUse()) {
        break;
      }
    }
    return hand;
  }

  /** Lets go of all. */
  void clear() {
    for (int i = 0; i < slots.length; i++) {
      Leaf node = slots[i];
      if (node != null) {
        slots[i] = null;
        node.openFiles().letGo();
      }
    }
  }
}
