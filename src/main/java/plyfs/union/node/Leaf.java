package plyfs.union.node;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerFile;
import plyfs.layer.LayerRef;
import plyfs.sys.Name;
import plyfs.sys.RankedLock;

/**
 * Any object but a directory: a file, symbolic link, device, FIFO or socket. It may have several
 * names, and a regular file is opened and has data.
 */
public final class Leaf extends Node {
  private static final AtomicReferenceFieldUpdater<Leaf, RankedLock> NAMES_LOCK =
      AtomicReferenceFieldUpdater.newUpdater(Leaf.class, RankedLock.class, "namesLock");
  private static final AtomicReferenceFieldUpdater<Leaf, OpenFiles> OPEN_FILES =
      AtomicReferenceFieldUpdater.newUpdater(Leaf.class, OpenFiles.class, "openFiles");
  private static final AtomicReferenceFieldUpdater<Leaf, KeptMtime> KEPT_MTIME =
      AtomicReferenceFieldUpdater.newUpdater(Leaf.class, KeptMtime.class, "keptMtime");

  /** By which {@link Identities} knows this node; null if it does not. Guarded by its lock. */
  @Nullable FileKey identity;

  /**
   * What an index keeps together: of a lower file with several names, in a mount with an index;
   * else null. Set before the node is known to others.
   */
  private @Nullable IndexedInode indexed;

  /** Further names of a hard-linked object; changes as {@link #alias} does. */
  private volatile List<Alias> furtherAliases = List.of();

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
  public volatile boolean mayCarryMetacopy;

  /**
   * Whether this file was made in this mount and has never been given capabilities. The kernel asks
   * for them before the first write to each file.
   */
  public volatile boolean neverHadCapabilities;

  private volatile @Nullable RankedLock namesLock;
  private volatile @Nullable OpenFiles openFiles;

  /** Null as long as only the file system keeps the modification time of this file. */
  private volatile @Nullable KeptMtime keptMtime;

  Leaf(long id, int type, @Nullable LayerRef upper, LayerRef[] lowers, long ino) {
    super(id, type, upper, lowers, ino);
  }

  @Override
  public @Nullable IndexedInode indexed() {
    return indexed;
  }

  /** Makes an index keep this node's names together. Called before others know the node. */
  public void keepTogether(@Nullable IndexedInode inode) {
    indexed = inode;
  }

  @Override
  public @Nullable LowerData lowerData() {
    return lowerData;
  }

  /** Publishes where the data is from now on. */
  public void setLowerData(@Nullable LowerData data) {
    lowerData = data;
  }

  /**
   * Lock under which an upper file loses, gets or changes a name: its names may be in several
   * directories, and one of them is the way to reach it.
   */
  public RankedLock namesLock() {
    RankedLock lock = namesLock;
    if (lock == null) {
      NAMES_LOCK.compareAndSet(this, null, new RankedLock(Ranks.NAMES));
      lock = namesLock;
    }
    return Objects.requireNonNull(lock);
  }

  /** Closes the files kept open between requests, when no further request can come. */
  void closeKeptFiles() {
    OpenFiles files = openFiles;
    if (files != null) {
      files.letGo();
    }
  }

  public OpenFiles openFiles() {
    OpenFiles files = openFiles;
    if (files == null) {
      OPEN_FILES.compareAndSet(this, null, new OpenFiles(this));
      files = openFiles;
    }
    return Objects.requireNonNull(files);
  }

  /** The modification time that the caller of the engine keeps; made at the first call. */
  public KeptMtime keptMtime() {
    KeptMtime kept = keptMtime;
    if (kept == null) {
      KEPT_MTIME.compareAndSet(this, null, new KeptMtime());
      kept = keptMtime;
    }
    return Objects.requireNonNull(kept);
  }

  /**
   * After a change of content, whether it succeeded or not: the modification time stays as the
   * caller of the engine has it.
   *
   * @param changed the upper file
   */
  public void putMtimeBack(LayerFile changed) {
    KeptMtime kept = keptMtime;
    if (kept != null) {
      kept.putBack(changed);
    }
  }

  /** Leaves the open files to their current users; the next open of the node opens new files. */
  void leaveOpenFiles() {
    openFiles = new OpenFiles(this);
  }

  @Override
  void forgetObjects() {
    closeKeptFiles();
    LowerData data = lowerData;
    if (data != null) {
      data.forget();
    }
    super.forgetObjects();
  }

  // Names

  @Override
  public List<Alias> aliases() {
    Alias first = alias();
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

  @Override
  public void addAlias(Directory parent, Name name) {
    Alias added = new Alias(parent, name);
    if (!isFirstAlias(added)) {
      updateAliases(added, null);
    }
  }

  /** Nearly every file has one name ever, and for that no list is made. */
  private boolean isFirstAlias(Alias added) {
    RankedLock lock = aliasLock();
    lock.lock();
    try {
      if (alias() != null) {
        return false;
      }
      setAlias(added);
      return true;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void removeAlias(Directory parent, Name name) {
    updateAliases(null, new Alias(parent, name));
  }

  /**
   * Names of one file may change under the locks of different parents at once, so this leaf section
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
      setAlias(all.isEmpty() ? null : all.get(0));
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
}
