package plyfs.union.copyup;

import plyfs.layer.LayerRef;
import plyfs.layer.UpperLayer;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;
import plyfs.sys.RankedLock;
import plyfs.sys.Stat;
import plyfs.trace.EventKind;
import plyfs.union.api.Caller;
import plyfs.union.index.IndexedLinks;
import plyfs.union.lookup.UnionEvents;
import plyfs.union.node.Directory;
import plyfs.union.node.IndexedInode;
import plyfs.union.node.Leaf;
import plyfs.union.node.Node;

/**
 * Gives an upper object that an index keeps together the names in the upper tree that it lacks:
 * copy-up makes the object, and its names follow.
 */
public final class LinkUp {
  private final IndexedLinks links;
  private final UpperMarks upperMarks;
  private final UnionEvents events;

  public LinkUp(IndexedLinks links, UpperMarks upperMarks, UnionEvents events) {
    this.links = links;
    this.upperMarks = upperMarks;
    this.events = events;
  }

  /** All names that are known. Caller holds no lock. */
  void all(UpperLayer layer, Leaf node, IndexedInode inode, CopyUp copyUp, Caller caller)
      throws ErrnoException {
    inode.hasLowerNames = false; // first, so that a name found meanwhile is not missed
    try {
      for (Node.Alias alias : node.aliases()) {
        one(layer, node, alias, copyUp, caller);
      }
    } catch (Throwable e) {
      inode.hasLowerNames = true;
      throw e;
    }
  }

  private void one(UpperLayer layer, Leaf node, Node.Alias alias, CopyUp copyUp, Caller caller)
      throws ErrnoException {
    Directory parent = alias.parent();
    if (parent.removed) {
      return;
    }
    LayerRef parentRef = copyUp.ensureUpper(parent, caller);
    parent.dirLock.lock();
    try {
      if (parent.child(alias.name()) != node) {
        return;
      }
      RankedLock names = node.namesLock();
      names.lock();
      try {
        requireName(layer, node, parent, parentRef, alias.name());
      } finally {
        names.unlock();
      }
    } finally {
      parent.dirLock.unlock();
    }
  }

  /** Whether an object that an index keeps together has a name in the upper tree already. */
  public static boolean hasName(LayerRef parent, Name name, Stat scratch) throws ErrnoException {
    return parent.layer().stat(new LayerRef(parent, name), scratch);
  }

  /**
   * One of the names, unless the object has it. Caller holds dirLock of the parent and namesLock of
   * the node.
   */
  public void requireName(
      UpperLayer layer, Leaf node, Directory parent, LayerRef parentRef, Name name)
      throws ErrnoException {
    IndexedInode inode = node.indexed();
    LayerRef upper = node.upper();
    if (inode == null || upper == null) {
      return;
    }
    Stat stat = new Stat();
    if (hasName(parentRef, name, stat)) {
      return;
    }
    upperMarks.markImpure(layer, parent, parentRef);
    links.beforeNameComesUp(layer, upper, inode);
    boolean known = layer.stat(parentRef, stat);
    layer.link(upper, parentRef, name);
    parent.namesChanged();
    events.name(EventKind.LINK_UP, parent, name);
    if (known) {
      CopyUpCommit.restoreTimes(layer, parentRef, stat);
    }
    links.afterNameCameUp(layer, upper, inode);
  }
}
