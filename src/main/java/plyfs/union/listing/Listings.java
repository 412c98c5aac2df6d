package plyfs.union.listing;

import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import plyfs.sys.ErrnoException;
import plyfs.sys.RankedLock;
import plyfs.union.node.Directory;
import plyfs.union.node.Listing;
import plyfs.union.node.Ranks;

/**
 * The listings of directories that are being read, from one request to the next: few, and of few
 * entries all together but for the newest.
 */
public final class Listings {
  private static final int SLOTS = 16;
  private static final int MOST_ENTRIES = 1 << 17;

  private final RankedLock lock = new RankedLock(Ranks.TABLE);
  private final @Nullable Directory[] slots = new Directory[SLOTS];
  private final MergedDir mergedDir;
  private final long seed = ThreadLocalRandom.current().nextLong();
  private int next;

  Listings(MergedDir mergedDir) {
    this.mergedDir = mergedDir;
  }

  /**
   * The entries of a directory.
   *
   * @param fresh whether they must be those of now, because a reader begins
   */
  Listing of(Directory directory, boolean fresh) throws ErrnoException {
    Listing known = directory.listing;
    if (known != null && (!fresh || known.version == directory.version)) {
      return known;
    }
    int version = directory.version;
    Listing made = directory.removed ? new Listing() : mergedDir.list(directory);
    made.version = version;
    made.sort(seed);
    keep(directory, made);
    return made;
  }

  private void keep(Directory directory, Listing made) {
    lock.lock();
    try {
      directory.listing = made;
      int entries = made.size();
      for (int i = 0; i < SLOTS; i++) {
        // From the newest to the oldest: those that are too much together go.
        int slot = Math.floorMod(next - 1 - i, SLOTS);
        Directory other = slots[slot];
        Listing listing = other == null || other == directory ? null : other.listing;
        entries += listing == null ? 0 : listing.size();
        if (other != null && other != directory && entries > MOST_ENTRIES) {
          other.listing = null;
          slots[slot] = null;
        }
      }
      Directory oldest = slots[next];
      if (oldest != null && oldest != directory) {
        oldest.listing = null;
      }
      slots[next] = directory;
      next = next + 1 == SLOTS ? 0 : next + 1;
    } finally {
      lock.unlock();
    }
  }

  /** A reader has come to the end. */
  static void drop(Directory directory) {
    directory.listing = null;
  }
}
