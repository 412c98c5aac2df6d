package plyfs.union;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerRef;
import plyfs.sys.Stat;

/** What {@link Lookup} found under one name, from the top down. */
final class Found {
  /** What a creator has to do with the name. */
  enum Outcome {
    /** Nothing has the name, and the upper layer is free. */
    NONE,
    /** The object is in lower layers only. */
    LOWER,
    /** The object, or its upper part, is in the upper layer. */
    UPPER,
    /**
     * Nothing has the name, and the upper layer holds a whiteout: to be replaced, not created
     * beside.
     */
    UPPER_WHITEOUT
  }

  /** Attributes of the topmost object. */
  final Stat stat = new Stat();

  /** For objects below the topmost one. */
  final Stat scratch = new Stat();

  /** For a look whether something is there. */
  final Stat probe = new Stat();

  Outcome outcome = Outcome.NONE;
  @Nullable LayerRef upper;
  final List<LayerRef> lowers = new ArrayList<>(4);

  /** Device and inode number of the topmost lower object. */
  long lowerDev;

  long lowerIno;

  /** Where the data of a metacopy file is; null for anything else. */
  @Nullable LowerData data;

  /** The redirect mark of the upper directory or metacopy file, or null. */
  byte @Nullable [] redirect;

  /** Whether the upper object says what it was copied from, as far as that was looked for. */
  boolean hasOrigin;

  /** Whether the upper directory is marked opaque. */
  boolean opaque;

  /** Whether a node was made of this, so that {@link #stat} tells its attributes. */
  boolean isFresh;

  void clear() {
    isFresh = false;
    outcome = Outcome.NONE;
    upper = null;
    lowers.clear();
    data = null;
    redirect = null;
    hasOrigin = false;
    opaque = false;
  }

  void addLower(LayerRef ref, Stat of) {
    if (lowers.isEmpty()) {
      lowerDev = of.dev();
      lowerIno = of.ino();
    }
    lowers.add(ref);
  }

  boolean exists() {
    return outcome == Outcome.UPPER || outcome == Outcome.LOWER;
  }

  LayerRef[] lowerArray() {
    return lowers.isEmpty() ? Node.NO_LOWERS : lowers.toArray(Node.NO_LOWERS);
  }
}
