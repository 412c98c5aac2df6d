package plyfs.union.node;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerRef;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.RankedLock;

/** A directory, and what is known of its names. It has one name itself, or none. */
public final class Directory extends Node {
  /** Lock of the children. */
  public final RankedLock dirLock = new RankedLock(Ranks.DIRECTORY);

  /** Children that something refers to. Guarded by dirLock. */
  private @Nullable Map<Name, Node> children;

  /** Names that are known to be absent from this directory; guarded by dirLock. */
  public @Nullable Misses misses;

  /** Counts changes of the names of this directory. Changes under dirLock. */
  public volatile int version;

  /** The entries of this directory while it is being read; null if {@code Listings} has none. */
  public volatile @Nullable Listing listing;

  /** Whether the kernel may cache a list of this directory: {@link Changes#ofEntries}. */
  volatile boolean listed;

  /** Whether this directory was removed. Changes under dirLock. */
  public volatile boolean removed;

  /** Whether the upper directory is known to carry the impure mark. Guarded by dirLock. */
  public boolean impure;

  /**
   * Default ACL of this directory; null while unknown, {@link #NO_ACL} if it has none. Changes
   * under dirLock.
   */
  public volatile byte @Nullable [] defaultAcl;

  /** Stands for a directory without a default ACL. */
  public static final byte[] NO_ACL = {};

  /** What is known of the names in {@link #lowers}; null until a call there was in vain. */
  private @Nullable LowerNames lowerNames;

  public Directory(long id, @Nullable LayerRef upper, LayerRef[] lowers, long ino) {
    super(id, Linux.S_IFDIR, upper, lowers, ino);
  }

  /** Whether it is found in several layers. */
  public boolean isMerged() {
    return lowers.length + (upper() != null ? 1 : 0) > 1;
  }

  /** As {@link LowerNames#firstLayer}, of {@link #lowers}. */
  public int firstLayerBelow(Name name) {
    LowerNames names = lowerNames;
    return names == null ? 0 : names.firstLayer(name);
  }

  /** As {@link LowerNames#mayHoldMarks}, of {@link #lowers}. */
  public boolean mayHoldMarksBelow() {
    LowerNames names = lowerNames;
    return names == null || names.mayHoldMarks();
  }

  /** What is, or will be, known of the names in {@link #lowers}. */
  public LowerNames lowerNames() {
    LowerNames names = lowerNames;
    if (names == null) {
      names = new LowerNames(lowers);
      lowerNames = names; // of two threads one may lose its count, and nothing else
    }
    return names;
  }

  // Its own name

  @Override
  public List<Alias> aliases() {
    Alias first = alias();
    return first == null ? List.of() : List.of(first);
  }

  /** A directory that moves never looks as if it had no name. */
  @Override
  public void addAlias(Directory parent, Name name) {
    setAlias(new Alias(parent, name));
  }

  @Override
  public void removeAlias(Directory parent, Name name) {
    Alias first = alias();
    if (first != null && first.parent() == parent && first.name().equals(name)) {
      setAlias(null);
    }
  }

  // Its names; caller holds dirLock

  /** Any name may have changed. */
  public void namesChanged() {
    countChange();
    misses = null;
  }

  /** A name was created or removed, or leads to another object. */
  public void nameChanged(Name name) {
    countChange();
    Misses known = misses;
    if (known != null) {
      known.forget(name);
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // the lock is held
  private void countChange() {
    version++;
  }

  // Children; caller holds dirLock

  /**
   * The child of a name, referred to by the caller from now on; null if it is not known or gone.
   */
  public @Nullable Node referenceChild(Name name) {
    Node child = child(name);
    return child != null && child.tryReference() ? child : null;
  }

  /** The child of a name, if it is known and not gone. */
  public @Nullable Node child(Name name) {
    Node child = children == null ? null : children.get(name);
    return child == null || child.isFreed() ? null : child;
  }

  /**
   * Makes a child known. The caller has taken a reference on this node for it, unless it replaces
   * one that is gone.
   */
  public @Nullable Node putChild(Name name, Node child) {
    if (children == null) {
      children = new HashMap<>(4);
    }
    return children.put(name, child);
  }

  /** Forgets a child if the name still leads to that one; true if it did. */
  public boolean removeChild(Name name, Node child) {
    return children != null && children.remove(name, child);
  }

  /** Gives back the room for children that are gone. */
  void trimChildren() {
    if (children != null) {
      children = children.isEmpty() ? null : new HashMap<>(children);
    }
  }
}
