package plyfs.union.node;

import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerRef;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.RankedLock;
import plyfs.union.mark.Protection;

/**
 * One object of the union, and all of its state that changes.
 *
 * <p>What only a directory has, and what everything else has, is in the two classes below.
 *
 * <p>A node is known to the kernel by its id and by nothing else: the inode number that programs
 * see may come from a lower layer, the id never does. Names that are hard links of one upper inode
 * share a node; names that are hard links of one lower inode do so in a mount that cannot change or
 * has an index, and else do not, because copy-up separates them.
 *
 * <p>A node lives as long as something refers to it: a lookup that the kernel has not forgotten, an
 * open handle, or a child.
 */
public abstract sealed class Node permits Directory, Leaf {
  /** No lower part: a pure upper object. */
  public static final LayerRef[] NO_LOWERS = {};

  /** {@link #references} of a node that is gone. */
  private static final long FREED = Long.MIN_VALUE;

  private static final AtomicLongFieldUpdater<Node> REFERENCES =
      AtomicLongFieldUpdater.newUpdater(Node.class, "references");
  private static final AtomicReferenceFieldUpdater<Node, RankedLock> COPY_UP_LOCK =
      AtomicReferenceFieldUpdater.newUpdater(Node.class, RankedLock.class, "copyUpLock");

  private static final AtomicIntegerFieldUpdater<Node> PROTECTION =
      AtomicIntegerFieldUpdater.newUpdater(Node.class, "protection");

  /**
   * One of the names of a node.
   *
   * @implNote the two methods are written out because those of a record are put together at run
   *     time, which cost the first copy-up of a mount 30 ms of its 40
   */
  public record Alias(Directory parent, Name name) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Alias that && parent == that.parent && name.equals(that.name);
    }

    @Override
    public int hashCode() {
      return 31 * Long.hashCode(parent.serial) + name.hashCode();
    }
  }

  /** By which the kernel knows it. Changes only in {@link NodeTable#renumber}. */
  public volatile long id;

  /** For an order of locks; never changes. */
  public final long serial;

  /** {@code S_IF*}; never changes. */
  public final int type;

  /** The lower objects, topmost first; more than one only of a directory. Never changes. */
  public final LayerRef[] lowers;

  /** The upper object; from null to set once, and never back. */
  private volatile @Nullable LayerRef upper;

  /**
   * Inode number that programs see. Changes only in {@link NodeTable#changeNumber}: if a hard link
   * of a lower file is broken by copy-up, or before others know the node.
   */
  public volatile long ino;

  private volatile long references;

  /**
   * First name; null for the root and for an object that has lost all its names. Changes under
   * dirLock of the parents.
   */
  private volatile @Nullable Alias alias;

  /** Whether {@code NumberOwners} knows the number of this object, which was copied up. */
  public volatile boolean isNumberKept;

  /**
   * Whether the inode number that programs see is that of a lower object, so that a directory which
   * holds the upper one must be marked impure.
   */
  public volatile boolean hasOrigin;

  /**
   * Where the lower part of this object is, as its redirect mark says; null if it has none. Guarded
   * by renameLock for a directory, by namesLock for a file.
   */
  public byte @Nullable [] redirect;

  /**
   * {@link Protection} bits: which changes chattr +i and +a forbid. Set under copyUpLock; what is
   * read from the mark comes in by {@link #learnProtection}.
   */
  public volatile int protection;

  private volatile @Nullable RankedLock copyUpLock;

  Node(long id, int type, @Nullable LayerRef upper, LayerRef[] lowers, long ino) {
    this.id = id;
    this.serial = id;
    this.type = type;
    this.upper = upper;
    this.lowers = lowers;
    this.ino = ino;
    this.hasOrigin = lowers.length > 0;
  }

  /** A node of a type. */
  static Node of(long id, int type, @Nullable LayerRef upper, LayerRef[] lowers, long ino) {
    return type == Linux.S_IFDIR
        ? new Directory(id, upper, lowers, ino)
        : new Leaf(id, type, upper, lowers, ino);
  }

  public boolean isDirectory() {
    return this instanceof Directory;
  }

  public boolean isRegular() {
    return type == Linux.S_IFREG;
  }

  /** The upper object, or null. */
  public @Nullable LayerRef upper() {
    return upper;
  }

  /** Publishes the result of copy-up. */
  public void setUpper(LayerRef copied) {
    upper = copied;
  }

  /**
   * Where the data is while {@link #top} holds attributes alone; null when that has it, as that of
   * a directory does.
   */
  public @Nullable LowerData lowerData() {
    return null;
  }

  /** Whether the data is in a layer below that of the upper object. */
  public boolean isMetadataOnly() {
    return lowerData() != null && upper != null;
  }

  /** What an index keeps together under this node; null if that is nothing. */
  public @Nullable IndexedInode indexed() {
    return null;
  }

  /** The object that holds this node's attributes now. */
  public LayerRef top() {
    LayerRef ref = upper;
    return ref != null ? ref : lowers[0];
  }

  public RankedLock copyUpLock() {
    RankedLock lock = copyUpLock;
    if (lock == null) {
      COPY_UP_LOCK.compareAndSet(this, null, new RankedLock(Ranks.COPY_UP));
      lock = copyUpLock;
    }
    return Objects.requireNonNull(lock);
  }

  /** Takes in what was read, unless it has been set meanwhile; what holds now. */
  public int learnProtection(int unread, int bits) {
    return PROTECTION.compareAndSet(this, unread, bits) ? bits : protection;
  }

  // References

  /** Adds a reference; false if the node is gone. */
  public boolean tryReference() {
    long now = references;
    while (now != FREED) {
      if (REFERENCES.compareAndSet(this, now, now + 1)) {
        return true;
      }
      now = references;
    }
    return false;
  }

  /** Takes references away; true if none is left and this call is the one that frees the node. */
  boolean release(long count) {
    while (true) {
      long now = references;
      if (now == FREED) {
        return false;
      }
      long left = Math.max(0, now - count);
      if (REFERENCES.compareAndSet(this, now, left == 0 ? FREED : left)) {
        return left == 0;
      }
    }
  }

  boolean isFreed() {
    return references == FREED;
  }

  public long references() {
    return references;
  }

  // Names

  /** The first name, or null. */
  public @Nullable Alias alias() {
    return alias;
  }

  /** Sets the first name of a node that no other thread knows yet. */
  public void setFirstAlias(Directory parent, Name name) {
    alias = new Alias(parent, name);
  }

  /** Sets the first name. */
  void setAlias(@Nullable Alias first) {
    alias = first;
  }

  public @Nullable Directory parent() {
    Alias first = alias;
    return first == null ? null : first.parent();
  }

  /** All names that are known. */
  public abstract List<Alias> aliases();

  /** Adds a name. Caller holds dirLock of the parent. */
  public abstract void addAlias(Directory parent, Name name);

  /** Takes a name away. Caller holds dirLock of the parent. */
  public abstract void removeAlias(Directory parent, Name name);

  // The end

  /** Lets go of what only this node holds, once it is freed. */
  void forgetObjects() {
    for (LayerRef lower : lowers) {
      lower.layer().forget(lower);
    }
    LayerRef ref = upper;
    if (ref != null) {
      ref.layer().forget(ref);
    }
  }

  @Override
  public String toString() {
    Alias first = alias;
    return "node " + id + (first == null ? "" : " " + first.name());
  }
}
