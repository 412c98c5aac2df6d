package plyfs.union;

import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerRef;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;

/**
 * Which names the lower parts of one directory hold, whiteouts and marks included: a name that none
 * of them holds needs no system call. Lower layers do not change, so what was read once stays true.
 *
 * <p>The parts are listed when that has become cheaper than asking on: every name that was asked
 * for in vain pays for {@link #ENTRIES_PER_CALL} entries of each part. Directories too large for
 * that are tried again after twice as many. Only hashes are kept, 8 to 16 bytes per entry; two
 * names of one hash cost a needless look into the layers, and nothing else.
 */
final class LowerNames {
  /** A missing name is looked for so often before the parts are listed. */
  private static final int FIRST_LISTING = 8;

  /** About as many entries are listed in the time of one call that finds nothing. */
  private static final int ENTRIES_PER_CALL = 16;

  /** So that one huge directory does not take all memory: 16 MiB of hashes. */
  private static final int MAX_ENTRIES = 1 << 21;

  /** Stands for a free slot; no name has it. */
  private static final int FREE = 0;

  private final LayerRef[] parts;

  /** Both are only hints, so threads may overwrite each other's. */
  private int inVain;

  private int nextListing = FIRST_LISTING;

  /** Hashes by open addressing, at most half full; null until the parts are listed. */
  private volatile int @Nullable [] hashes;

  LowerNames(LayerRef[] parts) {
    this.parts = parts;
  }

  /** Whether a name is known to be in none of the parts. */
  boolean lack(Name name) {
    int[] known = hashes;
    return known != null && !contains(known, hashOf(name.hashCode()));
  }

  /** A name was looked for in all parts, and is in none. */
  void askedInVain() {
    if (++inVain < nextListing || hashes != null) {
      return;
    }
    nextListing = 2 * inVain;
    long affordable = (long) inVain * parts.length * ENTRIES_PER_CALL;
    try {
      Hashes found = new Hashes((int) Math.min(affordable, MAX_ENTRIES));
      for (LayerRef part : parts) {
        part.layer().list(part, (name, type, ino) -> found.add(Name.of(name).hashCode()));
      }
      hashes = found.table;
    } catch (TooMany e) {
      // Tried again when twice as many have been looked for.
    } catch (ErrnoException e) {
      // Then the layers are asked as before; who has to know of an error is told by them.
      nextListing = Integer.MAX_VALUE;
    }
  }

  /** Spreads what differs in the lowest bits, as the last letters of names do, over all. */
  private static int hashOf(int nameHash) {
    int mixed = nameHash * 0x9E3779B1;
    mixed ^= mixed >>> 15;
    return mixed == FREE ? 1 : mixed;
  }

  private static boolean contains(int[] table, int hash) {
    return table[slotOf(table, hash)] == hash;
  }

  /** The slot of a hash, or the free one where it belongs. */
  private static int slotOf(int[] table, int hash) {
    int slot = hash & table.length - 1;
    while (table[slot] != FREE && table[slot] != hash) {
      slot = slot + 1 & table.length - 1;
    }
    return slot;
  }

  /** A table that grows up to a limit. */
  private static final class Hashes {
    private final int limit;
    private int[] table = new int[64];
    private int entries;

    Hashes(int limit) {
      this.limit = limit;
    }

    void add(int nameHash) {
      int hash = hashOf(nameHash);
      int slot = slotOf(table, hash);
      if (table[slot] == hash) {
        return;
      }
      if (++entries > limit) {
        throw new TooMany();
      }
      table[slot] = hash;
      if (2 * entries > table.length) {
        grow();
      }
    }

    private void grow() {
      int[] larger = new int[2 * table.length];
      for (int hash : table) {
        if (hash != FREE) {
          larger[slotOf(larger, hash)] = hash;
        }
      }
      table = larger;
    }
  }

  /** Ends a listing that costs more than it would save. */
  private static final class TooMany extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TooMany() {
      super(null, null, false, false);
    }
  }
}
