package plyfs.union.node;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import plyfs.layer.AufsNames;
import plyfs.layer.LayerRef;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;

/**
 * The names in the lower parts of one directory, including whiteouts and marks, with the first
 * layer of each name: a lookup can skip the layers above. Lower layers do not change, so the names
 * stay valid.
 *
 * <p>The parts are listed when a listing costs less than further lookups: every call that finds
 * nothing in a part counts for {@link #ENTRIES_PER_CALL} entries. Directories that are too large
 * are tried again after twice as many calls. A listing of many parts passes its entries to {@link
 * #reading}. Only hashes are stored, 12 to 24 bytes per name; if two names have the same hash, a
 * lookup asks some layers unnecessarily.
 */
public final class LowerNames {
  /** No part has the name. */
  public static final int NOWHERE = Integer.MAX_VALUE;

  /** Each part is asked so often in vain before the parts are listed. */
  private static final int FIRST_LISTING = 8;

  /** About as many entries are listed in the time of one call that finds nothing. */
  private static final int ENTRIES_PER_CALL = 16;

  /** So that one huge directory does not take all memory: 24 MiB of hashes. */
  private static final int MAX_NAMES = 1 << 21;

  /** From so many parts on, what a listing sees is kept, if it is less than the parts are. */
  public static final int MANY_PARTS = 16;

  private static final int NAMES_PER_PART = 8;

  /** Stands for a free slot; no name has it. */
  private static final int FREE = 0;

  private final LayerRef[] parts;

  /** Both are only hints, so threads may overwrite each other's. */
  private long inVain;

  private long nextListing;

  /** Null until the parts are listed. */
  private volatile @Nullable Names names;

  LowerNames(LayerRef[] parts) {
    this.parts = parts;
    this.nextListing = (long) FIRST_LISTING * parts.length;
  }

  /**
   * Index of the first layer that may have a name, or a mark that hides it; {@link #NOWHERE} if no
   * part has; 0 if nothing is known.
   */
  int firstLayer(Name name) {
    Names known = names;
    return known == null ? 0 : known.firstLayer(hashOf(name.hashCode()));
  }

  /** Whether a part may hold a name that begins with {@code .wh.}. */
  boolean mayHoldMarks() {
    Names known = names;
    return known == null || known.hasMarks;
  }

  /** So many calls found nothing in a part. */
  public void askedInVain(int calls) {
    inVain += calls;
    if (inVain < nextListing || names != null) {
      return;
    }
    nextListing = 2 * inVain;
    Reading reading = new Reading(inVain * ENTRIES_PER_CALL, MAX_NAMES);
    try {
      for (LayerRef part : parts) {
        int layer = part.layer().index();
        part.layer().list(part, (name, type, ino) -> reading.seeOrStop(name, layer));
      }
      reading.end();
    } catch (TooMany e) {
      // Tried again when twice as many have been looked for.
    } catch (ErrnoException e) {
      // Then the layers are asked as before; who has to know of an error is told by them.
      nextListing = Long.MAX_VALUE;
    }
  }

  /**
   * For a caller that is about to list all parts, topmost first; null if its entries are not
   * needed.
   */
  public @Nullable Reading reading() {
    return names != null ? null : new Reading(Long.MAX_VALUE, parts.length * NAMES_PER_PART);
  }

  /** Spreads what differs in the lowest bits, as the last letters of names do, over all. */
  private static int hashOf(int nameHash) {
    int mixed = nameHash * 0x9E3779B1;
    mixed ^= mixed >>> 15;
    return mixed == FREE ? 1 : mixed;
  }

  /** The names of all parts while they are listed. */
  public final class Reading {
    private final Names found = new Names();
    private final int mostNames;
    private long left;

    private Reading(long mostEntries, int mostNames) {
      this.left = mostEntries;
      this.mostNames = mostNames;
    }

    private boolean isTooMany() {
      return left < 0 || found.count > mostNames;
    }

    private void seeOrStop(byte[] name, int layer) {
      see(name, layer);
      if (isTooMany()) {
        throw new TooMany();
      }
    }

    /** An entry of a layer's part. */
    public void see(byte[] name, int layer) {
      left--;
      if (isTooMany()) {
        return;
      }
      found.add(hashOf(Arrays.hashCode(name)), layer); // as that of a Name
      if (name[0] == '.' && AufsNames.isMark(Name.of(name))) {
        found.hasMarks = true;
        byte[] hidden = AufsNames.deletedBy(Name.of(name));
        found.add(hashOf(Arrays.hashCode(hidden)), layer);
      }
    }

    /** All parts have been read to their ends. */
    public void end() {
      if (!isTooMany()) {
        names = found;
      }
    }
  }

  /** Hashes of names, by open addressing, at most half full, with the first layer of each. */
  private static final class Names {
    private int[] hashes = new int[64];
    private short[] layers = new short[64];
    private int count;
    private boolean hasMarks;

    int firstLayer(int hash) {
      int slot = slotOf(hash);
      return hashes[slot] == hash ? layers[slot] & 0xffff : NOWHERE;
    }

    /** The slot of a hash, or the free one where it belongs. */
    private int slotOf(int hash) {
      int slot = hash & hashes.length - 1;
      while (hashes[slot] != FREE && hashes[slot] != hash) {
        slot = slot + 1 & hashes.length - 1;
      }
      return slot;
    }

    void add(int hash, int layer) {
      int slot = slotOf(hash);
      if (hashes[slot] == hash) {
        return;
      }
      hashes[slot] = hash;
      layers[slot] = (short) layer;
      if (2 * ++count > hashes.length) {
        grow();
      }
    }

    private void grow() {
      int[] oldHashes = hashes;
      short[] oldLayers = layers;
      hashes = new int[2 * oldHashes.length];
      layers = new short[2 * oldHashes.length];
      for (int i = 0; i < oldHashes.length; i++) {
        if (oldHashes[i] != FREE) {
          int slot = slotOf(oldHashes[i]);
          hashes[slot] = oldHashes[i];
          layers[slot] = oldLayers[i];
        }
      }
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
