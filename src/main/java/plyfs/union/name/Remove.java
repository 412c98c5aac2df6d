package plyfs.union.name;

import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerRef;
import plyfs.layer.UpperLayer;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;
import plyfs.sys.RankedLock;
import plyfs.trace.EventKind;
import plyfs.union.api.Caller;
import plyfs.union.attribute.InodeFlags;
import plyfs.union.copyup.CopyUp;
import plyfs.union.copyup.LinkUp;
import plyfs.union.index.IndexedLinks;
import plyfs.union.listing.MergedDir;
import plyfs.union.lookup.UnionEvents;
import plyfs.union.node.Directory;
import plyfs.union.node.Found;
import plyfs.union.node.LayerChange;
import plyfs.union.node.Leaf;
import plyfs.union.node.Node;
import plyfs.union.tree.Tree;

/**
 * Names that go. What lower layers would show instead is hidden by a whiteout, put in place by the
 * same system call that removes the upper object; nothing is copied up to be deleted, but for a
 * file with several names in a mount with an index, whose count has to be kept somewhere.
 *
 * @implNote Linux fs/overlayfs/dir.c, ovl_do_remove and ovl_remove_and_whiteout
 */
public final class Remove {
  private final Tree tree;
  private final CopyUp copyUp;
  private final MergedDir mergedDir;
  private final InodeFlags flags;
  private final IndexedLinks links;

  private final LinkUp linkUp;
  private final UnionEvents events;

  public Remove(
      Tree tree,
      CopyUp copyUp,
      MergedDir mergedDir,
      InodeFlags flags,
      IndexedLinks links,
      LinkUp linkUp,
      UnionEvents events) {
    this.tree = tree;
    this.copyUp = copyUp;
    this.mergedDir = mergedDir;
    this.flags = flags;
    this.links = links;
    this.linkUp = linkUp;
    this.events = events;
  }

  /**
   * Removes the name of a non-directory.
   *
   * @throws ErrnoException ENOENT, EISDIR, EROFS
   */
  public void unlink(Directory parent, Name name, Caller caller) throws ErrnoException {
    remove(parent, name, false, caller);
  }

  /**
   * Removes an empty directory.
   *
   * @throws ErrnoException ENOENT, ENOTDIR, ENOTEMPTY, EROFS
   */
  public void rmdir(Directory parent, Name name, Caller caller) throws ErrnoException {
    remove(parent, name, true, caller);
  }

  private void remove(Directory parent, Name name, boolean directory, Caller caller)
      throws ErrnoException {
    UpperLayer layer = copyUp.writable();
    Found found = tree.pool.take();
    Node node = null;
    boolean parentLostChild = false;
    try {
      node = tree.reference(parent, name, found);
      if (node == null) {
        throw ErrnoException.of(Errno.ENOENT);
      }
      checkMayGo(parent, node, directory);
      if (node instanceof Directory gone && gone.upper() == null) {
        requireEmpty(gone); // before its parent is copied; what is in no upper layer stays so
      }
      LayerRef parentRef = copyUp.ensureUpper(parent, caller);
      if (node.indexed() != null) {
        copyUp.ensureUpper(node, caller);
      }
      RankedLock lock = parent.dirLock;
      lock.lock();
      try {
        if (parent.child(name) != node || parent.removed) {
          throw ErrnoException.of(Errno.ENOENT); // another thread removed or replaced it
        }
        if (node instanceof Directory gone) {
          parentLostChild = removeDirectoryLocked(layer, parent, parentRef, name, gone, found);
        } else if (node instanceof Leaf gone) {
          parentLostChild = unlinkLocked(layer, parent, parentRef, name, gone, found);
        }
      } finally {
        lock.unlock();
      }
    } finally {
      tree.pool.giveBack(found);
      if (node != null) {
        tree.nodes.release(node, 1);
      }
      if (parentLostChild) {
        tree.nodes.release(parent, 1);
      }
    }
  }

  /** Decides every error that needs no lock. */
  public void check(Directory parent, Node node, boolean directory) throws ErrnoException {
    checkMayGo(parent, node, directory);
    if (node instanceof Directory gone) {
      requireEmpty(gone);
    }
  }

  private void checkMayGo(Directory parent, Node node, boolean directory) throws ErrnoException {
    if (directory && !node.isDirectory()) {
      throw ErrnoException.of(Errno.ENOTDIR);
    }
    if (!directory && node.isDirectory()) {
      throw ErrnoException.of(Errno.EISDIR);
    }
    flags.requireRemovable(parent, node);
  }

  private void requireEmpty(Directory directory) throws ErrnoException {
    if (!mergedDir.isEmpty(directory)) {
      throw ErrnoException.of(Errno.ENOTEMPTY);
    }
  }

  private boolean unlinkLocked(
      UpperLayer layer, Directory parent, LayerRef parentRef, Name name, Leaf node, Found found)
      throws ErrnoException {
    boolean hides = tree.isInLowers(parent, name, node, found);
    RankedLock names = node.namesLock();
    names.lock();
    try {
      linkUp.requireName(layer, node, parent, parentRef, name);
      links.beforeNamesChange(layer, node);
      commit(layer, parent, parentRef, name, node, hides);
      links.nameGone(layer, node);
      return tree.removeName(parent, name, node);
    } finally {
      names.unlock();
    }
  }

  /** Takes the name away in the upper directory, as what lies below it asks for. */
  private void commit(
      UpperLayer layer, Directory parent, LayerRef parentRef, Name name, Node node, boolean hides)
      throws ErrnoException {
    boolean directory = node.isDirectory();
    Ending ending = Ending.of(node.upper() != null, hides);
    switch (ending) {
      case WHITEOUT -> layer.whiteout(parentRef, name);
      case REPLACED_BY_WHITEOUT ->
          removeUpper(
              NameLoss.of(layer, node, parent, name),
              directory
                  ? () -> layer.replaceDirectoryByWhiteout(parentRef, name)
                  : () -> layer.replaceByWhiteout(parentRef, name));
      case REMOVED ->
          removeUpper(
              NameLoss.of(layer, node, parent, name),
              directory
                  ? () -> layer.removeDirectory(parentRef, name)
                  : () -> layer.unlink(parentRef, name));
    }
    events.name(ending.kind(), parent, name);
  }

  private static void removeUpper(NameLoss loss, LayerChange commit) throws ErrnoException {
    try {
      commit.run();
    } catch (Throwable e) {
      loss.undo();
      throw e;
    }
  }

  private boolean removeDirectoryLocked(
      UpperLayer layer,
      Directory parent,
      LayerRef parentRef,
      Name name,
      Directory node,
      Found found)
      throws ErrnoException {
    RankedLock own = node.dirLock;
    own.lockChildOf(parent.dirLock);
    try {
      boolean hides = tree.isInLowers(parent, name, node, found);
      boolean mayBeBare = node.lowers.length == 0 && !hides;
      if (!mayBeBare || !removeBare(layer, parent, parentRef, name, node)) {
        if (node.upper() != null) {
          requireEmpty(node);
        }
        commit(layer, parent, parentRef, name, node, hides);
      }
      node.removed = true;
    } finally {
      own.unlock();
    }
    return tree.removeName(parent, name, node);
  }

  /** Removes an upper directory in which there is nothing, not even a whiteout; false if it has. */
  private boolean removeBare(
      UpperLayer layer, Directory parent, LayerRef parentRef, Name name, Node node)
      throws ErrnoException {
    NameLoss loss = NameLoss.of(layer, node, parent, name);
    boolean removed = false;
    try {
      removed = layer.removeBareDirectory(parentRef, name);
    } finally {
      if (!removed) {
        loss.undo();
      }
    }
    if (removed) {
      events.name(Ending.REMOVED.kind(), parent, name);
    }
    return removed;
  }

  /** What the system call leaves that takes a name away. */
  public enum Ending {
    /** A whiteout where the upper layer had nothing. */
    WHITEOUT,
    /** A whiteout in the place of the upper object. */
    REPLACED_BY_WHITEOUT,
    /** Nothing. */
    REMOVED;

    /**
     * The ending for a name.
     *
     * @param inUpper whether the upper layer has an object there
     * @param hides whether lower layers show something there
     */
    public static Ending of(boolean inUpper, boolean hides) {
      if (!inUpper) {
        return WHITEOUT;
      }
      return hides ? REPLACED_BY_WHITEOUT : REMOVED;
    }

    /** As it is told to those who watch. */
    public EventKind kind() {
      return this == REMOVED ? EventKind.REMOVED : EventKind.WHITEOUT_MADE;
    }
  }

  /**
   * What keeps a node's upper object reachable when a name of it goes: another name, or, with the
   * last one, an open descriptor, since the kernel may still hold the node.
   */
  static final class NameLoss {
    private final UpperLayer layer;
    private final LayerRef upper;
    private final LayerRef.@Nullable Place before;

    private NameLoss(UpperLayer layer, LayerRef upper) {
      this.layer = layer;
      this.upper = upper;
      this.before = upper.place();
    }

    /** Before the name goes. Caller holds the directory's dirLock, and namesLock of a file. */
    public static NameLoss of(UpperLayer layer, Node node, Directory parent, Name name)
        throws ErrnoException {
      LayerRef upper = node.upper();
      if (upper == null) {
        throw new IllegalStateException("no upper object: " + node);
      }
      NameLoss loss = new NameLoss(layer, upper);
      LayerRef.Place place = upper.place();
      if (place == null || !place.name().equals(name) || place.directory() != parent.upper()) {
        return loss; // reached by another name, which stays
      }
      for (Node.Alias other : node.aliases()) {
        LayerRef otherParent = other.parent().upper();
        boolean goes = other.parent() == parent && other.name().equals(name);
        if (!goes && otherParent != null) {
          layer.rename(upper, otherParent, other.name());
          return loss;
        }
      }
      layer.keep(upper);
      return loss;
    }

    /** The name has not gone after all. */
    void undo() {
      if (before != null) {
        layer.rename(upper, before.directory(), before.name());
      }
    }
  }
}
