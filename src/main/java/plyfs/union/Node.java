package plyfs.union;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerFile;
import plyfs.layer.LayerRef;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.RankedLock;

/**
 * One object of the union, and all of its state that changes.
 *
 * <p>A node is known to the kernel by its id and by nothing else: the inode number that programs
 * see may come from a lower layer, the id never does. Names that are hard links of one upper inode
 * share a node; names that are hard links of one lower inode do so in a mount that cannot change or
 * has an index, and else do not, because copy-up separates them.
 *
 * <p>A node lives as long as something refers to it: a lookup that the kernel has not forgotten, an
 * open handle, or a child.
 */
final class Node {
  /** No lower part: a pure upper object. */
  static final LayerRef[] NO_LOWERS = {};

  /** {@link #references} of a node that is gone. */
  private static final long FREED = Long.MIN_VALUE;

  private static final AtomicLongFieldUpdater<Node> REFERENCES =
      AtomicLongFieldUpdater.newUpdater(Node.class, "references");
  private static final AtomicReferenceFieldUpdater<Node, RankedLock> COPY_UP_LOCK =
      AtomicReferenceFieldUpdater.newUpdater(Node.class, RankedLock.class, "copyUpLock");
  private static final AtomicReferenceFieldUpdater<Node, RankedLock> NAMES_LOCK =
      AtomicReferenceFieldUpdater.newUpdater(Node.class, RankedLock.class, "namesLock");
  private static final AtomicReferenceFieldUpdater<Node, OpenFiles> OPEN_FILES =
      AtomicReferenceFieldUpdater.newUpdater(Node.class, OpenFiles.class, "openFiles");
  private static final AtomicReferenceFieldUpdater<Node, KeptMtime> KEPT_MTIME =
      AtomicReferenceFieldUpdater.newUpdater(Node.class, KeptMtime.class, "keptMtime");

  private static final AtomicIntegerFieldUpdater<Node> PROTECTION =
      AtomicIntegerFieldUpdater.newUpdater(Node.class, "protection");

  /**
   * One of the names of a node.
   *
   * @implNote the two methods are written out because those of a record are put together at run
   *     time, which cost the first copy-up of a mount 30 ms of its 40
   */
  record Alias(Node parent, Name name) {
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
  volatile long id;

  /** For an order of locks; never changes. */
  final long serial;

  /** {@code S_IF*}; never changes. */
  final int type;

  /**
   * The lower objects, topmost first: several for a merged directory, at most one for anything
   * else. Never changes.
   */
  final LayerRef[] lowers;

  /** The upper object; from null to set once, and never back. */
  private volatile @Nullable LayerRef upper;

  /**
   * Inode number that programs see. Changes only in {@link NodeTable#changeNumber}: if a hard link
   * of a lower file is broken by copy-up, or before others know the node.
   */
  volatile long ino;

  /** By which {@link Identities} knows this node; null if it does not. Guarded by its lock. */
  @Nullable FileKey identity;

  /**
   * What an index keeps together: of a lower file with several names, in a mount with an index;
   * else null. Set before the node is known to others.
   */
  @Nullable IndexedInode indexed;

  private volatile long references;

  /**
   * First name; null for the root and for an object that has lost all its names. Changes under
   * dirLock of the parents.
   */
  private volatile @Nullable Alias alias;

  /** Further names of a hard-linked object; changes as {@link #alias} does. */
  private volatile List<Alias> furtherAliases = List.of();

  /** Lock of a directory's children; null for anything else. */
  final @Nullable RankedLock dirLock;

  /** Children that something refers to. Guarded by dirLock. */
  private @Nullable Map<Name, Node> children;

  /** Names that are known to be absent from this directory; guarded by dirLock. */
  @Nullable Misses misses;

  /** Counts changes of the names of this directory. Changes under dirLock. */
  volatile int version;

  /** The entries of this directory while it is being read; null if {@link Listings} has none. */
  volatile @Nullable Listing listing;

  /** Whether somebody may keep a list of this directory: {@link KeptLists}. */
  volatile boolean listed;

  /** Whether this directory was removed. Changes under dirLock. */
  volatile boolean removed;

  /** Whether the upper directory is known to carry the impure mark. Guarded by dirLock. */
  boolean impure;

  /** Whether {@link NumberOwners} knows the number of this object, which was copied up. */
  volatile boolean isNumberKept;

  /**
   * Whether the inode number that programs see is that of a lower object, so that a directory which
   * holds the upper one must be marked impure.
   */
  volatile boolean hasOrigin;

  /**
   * Where the lower part of this object is, as its redirect mark says; null if it has none. Guarded
   * by renameLock for a directory, by namesLock for a file.
   */
  byte @Nullable [] redirect;

  /**
   * Default ACL of this directory; null while unknown, {@link #NO_ACL} if it has none. Changes
   * under dirLock.
   */
  volatile byte @Nullable [] defaultAcl;

  /** Stands for a directory without a default ACL. */
  static final byte[] NO_ACL = {};

  /**
   * {@link Protection} bits: which changes chattr +i and +a forbid. Set under copyUpLock; what is
   * read from the mark comes in by {@link #learnProtection}.
   */
  volatile int protection;

  /**
   * Where the data of this file is while its topmost object holds attributes alone; null when that
   * has its data itself. Set before the node is known, or under copyUpLock; once there is an upper
   * object it goes to null and never back.
   */
  private volatile @Nullable LowerData lowerData;

  /**
   * Whether this is an empty upper file that may carry a metacopy mark all the same, as the kernel
   * makes them: the mark must go before there is anything to hide.
   */
  volatile boolean mayCarryMetacopy;

  /**
   * Whether this file was made in this mount and has never been given capabilities. The kernel asks
   * for them before the first write to each file.
   */
  volatile boolean neverHadCapabilities;

  /** What is known of the names in {@link #lowers}; null until a call there was in vain. */
  private @Nullable LowerNames lowerNames;

  private volatile @Nullable RankedLock namesLock;
  private volatile @Nullable RankedLock copyUpLock;
  private volatile @Nullable OpenFiles openFiles;

  /** Null if nobody but the file system keeps the modification time of this file, or yet. */
  private volatile @Nullable KeptMtime keptMtime;

  Node(long id, int type, @Nullable LayerRef upper, LayerRef[] lowers, long ino) {
    this.id = id;
    this.serial = id;
    this.type = type;
    this.upper = upper;
    this.lowers = lowers;
    this.ino = ino;
    this.hasOrigin = lowers.length > 0;
    this.dirLock = type == Linux.S_IFDIR ? new RankedLock(Ranks.DIRECTORY) : null;
  }

  boolean isDirectory() {
    return type == Linux.S_IFDIR;
  }

  boolean isRegular() {
    return type == Linux.S_IFREG;
  }

  /** The upper object, or null. */
  @Nullable LayerRef upper() {
    return upper;
  }

  /** Publishes the result of copy-up. */
  void setUpper(LayerRef copied) {
    upper = copied;
  }

  /** As {@link LowerNames#firstLayer}, of {@link #lowers}. */
  int firstLayerBelow(Name name) {
    LowerNames names = lowerNames;
    return names == null ? 0 : names.firstLayer(name);
  }

  /** As {@link LowerNames#mayHoldMarks}, of {@link #lowers}. */
  boolean mayHoldMarksBelow() {
    LowerNames names = lowerNames;
    return names == null || names.mayHoldMarks();
  }

  /** What is, or will be, known of the names in {@link #lowers}. */
  LowerNames lowerNames() {
    LowerNames names = lowerNames;
    if (names == null) {
      names = new LowerNames(lowers);
      lowerNames = names; // of two threads one may lose its count, and nothing else
    }
    return names;
  }

  /** Where the data is while {@link #top} holds attributes alone; null when that has it. */
  @Nullable LowerData lowerData() {
    return lowerData;
  }

  /** Publishes where the data is from now on. */
  void setLowerData(@Nullable LowerData data) {
    lowerData = data;
  }

  /** Whether the data is in a layer below that of the upper object. */
  boolean isMetadataOnly() {
    return lowerData != null && upper != null;
  }

  /** The object that holds this node's attributes now. */
  LayerRef top() {
    LayerRef ref = upper;
    return ref != null ? ref : lowers[0];
  }

  /** Whether this is a directory found in several layers. */
  boolean isMerged() {
    return isDirectory() && lowers.length + (upper != null ? 1 : 0) > 1;
  }

  /** The lock of a directory. */
  RankedLock lockOfDirectory() {
    RankedLock lock = dirLock;
    if (lock == null) {
      throw new IllegalStateException("not a directory");
    }
    return lock;
  }

  RankedLock copyUpLock() {
    RankedLock lock = copyUpLock;
    if (lock == null) {
      COPY_UP_LOCK.compareAndSet(this, null, new RankedLock(Ranks.COPY_UP));
      lock = copyUpLock;
    }
    return java.util.Objects.requireNonNull(lock);
  }

  /**
   * Lock under which an upper file loses, gets or changes a name: its names may be in several
   * directories, and one of them is the way to reach it.
   */
  RankedLock namesLock() {
    RankedLock lock = namesLock;
    if (lock == null) {
      NAMES_LOCK.compareAndSet(this, null, new RankedLock(Ranks.NAMES));
      lock = namesLock;
    }
    return java.util.Objects.requireNonNull(lock);
  }

  /** Closes what stays open between requests, when nobody can send one any more. */
  void closeKeptFiles() {
    OpenFiles files = openFiles;
    if (files != null) {
      files.letGo();
    }
  }

  OpenFiles openFiles() {
    OpenFiles files = openFiles;
    if (files == null) {
      OPEN_FILES.compareAndSet(this, null, new OpenFiles(this));
      files = openFiles;
    }
    return java.util.Objects.requireNonNull(files);
  }

  /** The modification time that the caller of the engine keeps; made at the first call. */
  KeptMtime keptMtime() {
    KeptMtime kept = keptMtime;
    if (kept == null) {
      KEPT_MTIME.compareAndSet(this, null, new KeptMtime());
      kept = keptMtime;
    }
    return java.util.Objects.requireNonNull(kept);
  }

  /**
   * After a change of content, whether it succeeded or not: the modification time stays as the
   * caller of the engine has it.
   *
   * @param changed the upper file
   */
  void putMtimeBack(LayerFile changed) {
    KeptMtime kept = keptMtime;
    if (kept != null) {
      kept.putBack(changed);
    }
  }

  /** Leaves the files to those who have them open; whoever opens the node next opens others. */
  void leaveOpenFiles() {
    openFiles = new OpenFiles(this);
  }

  /** Takes in what was read, unless it has been set meanwhile; what holds now. */
  int learnProtection(int unread, int bits) {
    return PROTECTION.compareAndSet(this, unread, bits) ? bits : protection;
  }

  // References

  /** Adds a reference; false if the node is gone. */
  boolean tryReference() {
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

  long references() {
    return references;
  }

  // Names

  /** The first name, or null. */
  @Nullable Alias alias() {
    return alias;
  }

  @Nullable Node parent() {
    Alias first = alias;
    return first == null ? null : first.parent();
  }

  /** All names that are known. */
  List<Alias> aliases() {
    Alias first = alias;
    if (first == null) {
      return List.of();
    }
    if (furtherAliases.isEmpty()) {
      return List.of(first);
    }
    List<Alias> all = new ArrayList<>(furtherAliases);
    all.add(0, first);
    return all;
  }

  /** Gives a node its first name, which nobody else knows yet. */
  void setFirstAlias(Node parent, Name name) {
    alias = new Alias(parent, name);
  }

  /** Adds a name. Caller holds dirLock of the parent. */
  void addAlias(Node parent, Name name) {
    Alias added = new Alias(parent, name);
    if (!isFirstAlias(added)) {
      updateAliases(added, null);
    }
  }

  /** Nearly every node has one name ever, and for that no list is made. */
  private boolean isFirstAlias(Alias added) {
    RankedLock lock = aliasLock();
    lock.lock();
    try {
      if (alias != null) {
        return false;
      }
      alias = added;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Takes a name away. Caller holds dirLock of the parent. */
  void removeAlias(Node parent, Name name) {
    updateAliases(null, new Alias(parent, name));
  }

  /**
   * Names of one node may change under the locks of different parents at once, so this leaf section
   * has its own order.
   */
  private void updateAliases(@Nullable Alias added, @Nullable Alias removedAlias) {
    RankedLock lock = aliasLock();
    lock.lock();
    try {
      List<Alias> all = new ArrayList<>(aliases());
      if (removedAlias != null) {
        all.removeIf(
            a -> a.parent() == removedAlias.parent() && a.name().equals(removedAlias.name()));
      }
      if (added != null
          && all.stream()
              .noneMatch(a -> a.parent() == added.parent() && a.name().equals(added.name()))) {
        all.add(added);
      }
      alias = all.isEmpty() ? null : all.get(0);
      furtherAliases = all.size() <= 1 ? List.of() : List.copyOf(all.subList(1, all.size()));
    } finally {
      lock.unlock();
    }
  }

  private static final RankedLock[] ALIAS_LOCKS = new RankedLock[64];

  static {
    for (int i = 0; i < ALIAS_LOCKS.length; i++) {
      ALIAS_LOCKS[i] = new RankedLock(Ranks.TABLE);
    }
  }

  private RankedLock aliasLock() {
    return ALIAS_LOCKS[(int) serial & ALIAS_LOCKS.length - 1];
  }

  // Children; caller holds dirLock

  /**
   * The child of a name, referred to by the caller from now on; null if it is not known or gone.
   */
  @Nullable Node referenceChild(Name name) {
    Node child = child(name);
    return child != null && child.tryReference() ? child : null;
  }

  /** The child of a name, if it is known and not gone. */
  @Nullable Node child(Name name) {
    Node child = children == null ? null : children.get(name);
    return child == null || child.isFreed() ? null : child;
  }

  /**
   * Makes a child known. The caller has taken a reference on this node for it, unless it replaces
   * one that is gone.
   */
  @Nullable Node putChild(Name name, Node child) {
    if (children == null) {
      children = new HashMap<>(4);
    }
    return children.put(name, child);
  }

  /** Forgets a child if the name still leads to that one; true if it did. */
  boolean removeChild(Name name, Node child) {
    return children != null && children.remove(name, child);
  }

  /** Gives back the room for children that are gone. */
  void trimChildren() {
    if (children != null) {
      children = children.isEmpty() ? null : new HashMap<>(children);
    }
  }

  @Override
  public String toString() {
    Alias first = alias;
    return "node " + id + (first == null ? "" : " " + first.name());
  }
}
