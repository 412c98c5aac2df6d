package plyfs.union.name;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerRef;
import plyfs.layer.UpperLayer;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.trace.EventKind;
import plyfs.trace.EventLog;
import plyfs.union.api.Caller;
import plyfs.union.copyup.CopyUp;
import plyfs.union.copyup.LinkUp;
import plyfs.union.copyup.UpperMarks;
import plyfs.union.copyup.XattrCopy;
import plyfs.union.index.IndexedLinks;
import plyfs.union.listing.MergedDir;
import plyfs.union.lookup.UnionEvents;
import plyfs.union.node.BestEffort;
import plyfs.union.node.Directory;
import plyfs.union.node.Found;
import plyfs.union.node.Leaf;
import plyfs.union.node.MoveEnd;
import plyfs.union.node.Node;
import plyfs.union.tree.Tree;

/**
 * Moves names. The object is copied up first; then one system call moves it and, where a lower
 * layer would show through at the old name, leaves a whiteout there. A directory with a lower part
 * gets a redirect mark before it moves.
 *
 * @implNote Linux fs/overlayfs/dir.c, ovl_rename and ovl_set_redirect
 */
public final class Rename {
  private final Tree tree;
  private final CopyUp copyUp;
  private final MergedDir mergedDir;
  private final RenameChecks checks;
  private final IndexedLinks links;
  private final MoveMarks moveMarks;

  private final LinkUp linkUp;
  private final UpperMarks upperMarks;
  private final XattrCopy xattrCopy;
  private final UnionEvents events;

  public Rename(
      Tree tree,
      CopyUp copyUp,
      MergedDir mergedDir,
      RenameChecks checks,
      MoveMarks moveMarks,
      IndexedLinks links,
      LinkUp linkUp,
      UpperMarks upperMarks,
      XattrCopy xattrCopy,
      UnionEvents events) {
    this.tree = tree;
    this.copyUp = copyUp;
    this.mergedDir = mergedDir;
    this.links = links;
    this.moveMarks = moveMarks;
    this.checks = checks;
    this.linkUp = linkUp;
    this.upperMarks = upperMarks;
    this.xattrCopy = xattrCopy;
    this.events = events;
  }

  /**
   * Moves.
   *
   * @param flags 0, {@link Linux#RENAME_NOREPLACE} or {@link Linux#RENAME_EXCHANGE}
   * @throws ErrnoException EINVAL for other flags, a reserved name, or a directory into itself;
   *     ENOENT, EEXIST, ENOTDIR, EISDIR, ENOTEMPTY; EXDEV for a directory with a lower part where
   *     redirects are off or too long; EROFS
   */
  public void rename(
      Directory parent, Name name, Directory newParent, Name newName, int flags, Caller caller)
      throws ErrnoException {
    if (flags != 0 && flags != Linux.RENAME_NOREPLACE && flags != Linux.RENAME_EXCHANGE) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    copyUp.writable();
    if (tree.lookup.isReserved(newName) || tree.lookup.isReserved(name)) {
      throw ErrnoException.of(tree.lookup.isReserved(name) ? Errno.ENOENT : Errno.EINVAL);
    }
    boolean done = false;
    while (!done) {
      done = attempt(new MoveEnd(parent, name), new MoveEnd(newParent, newName), flags, caller);
    }
  }

  /** Moves; false if another thread changed one of the names meanwhile. */
  private boolean attempt(MoveEnd from, MoveEnd to, int flags, Caller caller)
      throws ErrnoException {
    List<Directory> lostChild = new ArrayList<>(2);
    Found found = tree.pool.take();
    try {
      from.node = tree.reference(from.parent, from.name, found);
      to.node = tree.referenceUnlessMissed(to.parent, to.name, found);
      Node source = checks.check(from, to, flags);
      if (source == to.node) {
        return true; // two names of one object: both stay
      }
      copyUpEnds(from, to, source, flags, caller);
      return moveUnderLocks(from, to, source, flags, found, lostChild);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.EXDEV || !bringData(from, to, caller)) {
        throw e;
      }
      return false;
    } finally {
      tree.pool.giveBack(found);
      releaseNode(from.node);
      releaseNode(to.node);
      for (Directory directory : lostChild) {
        tree.nodes.release(directory, 1);
      }
    }
  }

  /** Brings the data of files for which the path to it is too long a mark; false if none. */
  private boolean bringData(MoveEnd from, MoveEnd to, Caller caller) throws ErrnoException {
    boolean any = false;
    for (Node node : new @Nullable Node[] {from.node, to.node}) {
      if (node instanceof Leaf file && file.isMetadataOnly()) {
        copyUp.ensureData(file, CopyUp.WHOLE, caller);
        any = true;
      }
    }
    return any;
  }

  private void releaseNode(@Nullable Node node) {
    if (node != null) {
      tree.nodes.release(node, 1);
    }
  }

  private void copyUpEnds(MoveEnd from, MoveEnd to, Node source, int flags, Caller caller)
      throws ErrnoException {
    copyUp.ensureUpper(source, caller); // and with it its parents
    copyUp.ensureUpper(from.parent, caller);
    copyUp.ensureUpper(to.parent, caller);
    Node target = to.node;
    if (target != null && (flags == Linux.RENAME_EXCHANGE || target.indexed() != null)) {
      copyUp.ensureUpper(target, caller);
    }
  }

  // Locks

  private boolean moveUnderLocks(
      MoveEnd from, MoveEnd to, Node source, int flags, Found found, List<Directory> lostChild)
      throws ErrnoException {
    boolean shapeChanges =
        from.parent != to.parent
            || RenameLocks.needsPaths(source)
            || to.node != null && RenameLocks.needsPaths(to.node);
    if (shapeChanges) {
      tree.renameLock.lock();
    }
    try {
      RenameLocks held = new RenameLocks();
      try {
        held.parents(from.parent, to.parent);
        return moveLocked(from, to, source, flags, found, lostChild, held);
      } finally {
        held.unlock();
      }
    } finally {
      if (shapeChanges) {
        tree.renameLock.unlock();
      }
    }
  }

  private boolean moveLocked(
      MoveEnd from,
      MoveEnd to,
      Node source,
      int flags,
      Found found,
      List<Directory> lostChild,
      RenameLocks held)
      throws ErrnoException {
    Node target = to.node;
    if (from.parent.removed || to.parent.removed) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    if (from.parent.child(from.name) != source || to.parent.child(to.name) != target) {
      return false;
    }
    RenameChecks.requireNoLoop(from, to, source, flags);
    from.hides = tree.isInLowers(from.parent, from.name, source, found);
    checks.requireNoMarkBeside(source, to, found);
    holdForMark(held, source);
    if (flags == Linux.RENAME_EXCHANGE && target != null) {
      checks.requireNoMarkBeside(target, from, found);
      holdForMark(held, target);
      held.names(source, target);
      exchange(from, to, source, target);
      return true;
    }
    if (target instanceof Directory replaced) {
      held.directory(replaced);
      if (!mergedDir.isEmpty(replaced)) {
        throw ErrnoException.of(Errno.ENOTEMPTY);
      }
    }
    boolean overWhiteout = false;
    if (target == null) {
      tree.findFree(to.parent, to.name, found);
      if (found.exists()) {
        return false;
      }
      overWhiteout = found.outcome == Found.Outcome.UPPER_WHITEOUT;
    }
    held.names(source, target);
    move(from, to, source, overWhiteout, lostChild);
    return true;
  }

  /** A mark that is a file comes into the directory itself, whose time is put back then. */
  private void holdForMark(RenameLocks held, Node node) {
    if (node instanceof Directory marked && !upperMarks.areAttributes()) {
      held.directory(marked);
    }
  }

  // Commits

  private void exchange(MoveEnd from, MoveEnd to, Node source, Node target) throws ErrnoException {
    UpperLayer layer = copyUp.writable();
    requireUpperName(source, from);
    requireUpperName(target, to);
    moveMarks.onObject(source, from, to);
    moveMarks.onObject(target, to, from);
    moveMarks.onParent(source, to);
    moveMarks.onParent(target, from);
    layer.exchange(refAt(layer, source, from), refAt(layer, target, to));
    events.moved(from, to, EventLog.EXCHANGED);
    // The new names first: neither may look for an instant as if it had none.
    source.addAlias(to.parent, to.name);
    target.addAlias(from.parent, from.name);
    source.removeAlias(from.parent, from.name);
    target.removeAlias(to.parent, to.name);
    from.parent.putChild(from.name, target);
    to.parent.putChild(to.name, source);
    from.parent.namesChanged();
    to.parent.namesChanged();
  }

  /** The upper object of a node, reached by the name that is to move. */
  private static LayerRef refAt(UpperLayer layer, Node node, MoveEnd end) throws ErrnoException {
    LayerRef ref = node.upper();
    if (ref == null) {
      throw ErrnoException.of(Errno.ESTALE);
    }
    if (node.indexed() != null) {
      return new LayerRef(end.parentRef(), end.name); // the node goes on using its index entry
    }
    layer.rename(ref, end.parentRef(), end.name);
    return ref;
  }

  private void move(
      MoveEnd from, MoveEnd to, Node source, boolean overWhiteout, List<Directory> lostChild)
      throws ErrnoException {
    UpperLayer layer = copyUp.writable();
    Node target = to.node;
    requireUpperName(source, from);
    if (target != null) {
      requireUpperName(target, to);
    }
    if (target instanceof Leaf file) {
      links.beforeNamesChange(layer, file);
    }
    moveMarks.onObject(source, from, to);
    moveMarks.onParent(source, to);
    LayerRef ref = refAt(layer, source, from);
    LayerRef replaced = target == null ? null : target.upper();
    StandIn standIn =
        replaced == null ? null : StandIn.ifNeeded(layer, upperMarks, xattrCopy, target, replaced);
    Remove.NameLoss loss = null;
    try {
      if (target != null && replaced != null && standIn == null) {
        loss = Remove.NameLoss.of(layer, target, to.parent, to.name);
      }
      commit(layer, ref, from, to, source, overWhiteout);
    } catch (Throwable e) {
      if (loss != null) {
        loss.undo();
      }
      if (standIn != null) {
        standIn.undo();
      }
      throw e;
    }
    tell(from, to, overWhiteout);
    if (standIn != null) {
      standIn.removeReplaced();
    }
    if (target instanceof Leaf file) {
      links.nameGone(layer, file);
    }
    publish(from, to, source, lostChild);
  }

  private void requireUpperName(Node node, MoveEnd end) throws ErrnoException {
    if (node instanceof Leaf file) {
      linkUp.requireName(copyUp.writable(), file, end.parent, end.parentRef(), end.name);
    }
  }

  private static void commit(
      UpperLayer layer, LayerRef ref, MoveEnd from, MoveEnd to, Node source, boolean overWhiteout)
      throws ErrnoException {
    if (overWhiteout && source.isDirectory()) {
      // A directory cannot be renamed over a whiteout, but it can change places with it.
      LayerRef whiteout = new LayerRef(to.parentRef(), to.name);
      layer.exchange(ref, whiteout);
      if (!from.hides) {
        BestEffort.run(
            () -> layer.unlink(from.parentRef(), from.name),
            "remove a whiteout that hides nothing");
      }
      return;
    }
    layer.move(ref, to.parentRef(), to.name, from.hides ? Linux.RENAME_WHITEOUT : 0);
  }

  private void tell(MoveEnd from, MoveEnd to, boolean overWhiteout) {
    if (overWhiteout) {
      events.name(EventKind.WHITEOUT_REMOVED, to.parent, to.name);
    }
    if (from.hides) {
      events.name(EventKind.WHITEOUT_MADE, from.parent, from.name);
    }
    events.moved(from, to, 0);
  }

  private void publish(MoveEnd from, MoveEnd to, Node source, List<Directory> lostChild) {
    Node target = to.node;
    if (target != null) {
      if (target instanceof Directory replaced) {
        replaced.removed = true;
      }
      if (tree.removeName(to.parent, to.name, target)) {
        lostChild.add(to.parent);
      }
    }
    tree.addName(to.parent, to.name, source);
    if (tree.removeName(from.parent, from.name, source)) {
      lostChild.add(from.parent);
    }
  }
}
