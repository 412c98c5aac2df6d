package plyfs.union.node;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerRef;
import plyfs.sys.Stat;

/** What {@code Lookup} found under one name, from the top down. */
public final class Found {
  /** What a creator has to do with the name. */
  public enum Outcome {
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
  public final Stat stat = new Stat();

  /** For objects below the topmost one. */
  public final Stat scratch = new Stat();

  /** For a look whether something is there. */
  public final Stat probe = new Stat();

  public Outcome outcome = Outcome.NONE;
  public @Nullable LayerRef upper;
  public final List<LayerRef> lowers = new ArrayList<>(4);

  /** Device and inode number of the topmost lower object. */
  public long lowerDev;

  public long lowerIno;

  /** Where the data of a metacopy file is; null for anything else. */
  public @Nullable LowerData data;

  /** The redirect mark of the upper directory or metacopy file, or null. */
  public byte @Nullable [] redirect;

  /** Whether the upper object says what it was copied from, as far as that was looked for. */
  public boolean hasOrigin;

  /** Whether the upper directory is marked opaque. */
  public boolean opaque;

  /** Whether a node was made of this, so that {@link #stat} tells its attributes. */
  public boolean isFresh;

  public void clear() {
    isFresh = false;
    outcome = Outcome.NONE;
    upper = null;
    lowers.clear();
    data = null;
    redirect = null;
    hasOrigin = false;
    opaque = false;
  }

  public void addLower(LayerRef ref, Stat of) {
    if (lowers.isEmpty()) {
      lowerDev = of.dev();
      lowerIno = of.ino();
    }
    lowers.add(ref);
  }

  public boolean exists() {
    return outcome == Outcome.UPPER || outcome == Outcome.LOWER;
  }

  public LayerRef[] lowerArray() {
    return lowers.isEmpty() ? Node.NO_LOWERS : lowers.toArray(Node.NO_LOWERS);
  }
}
