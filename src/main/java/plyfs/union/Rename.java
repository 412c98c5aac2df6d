package plyfs.union;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerRef;
import plyfs.layer.LayerStack;
import plyfs.layer.OverlayXattr;
import plyfs.layer.UpperLayer;
import plyfs.layer.WhiteoutForm;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.RankedLock;

/**
 * Moves names. The object is copied up first; then one system call moves it and, where a lower
 * layer would show through at the old name, leaves a whiteout there. A directory with a lower part
 * gets a redirect mark before it moves.
 *
 * @implNote Linux fs/overlayfs/dir.c, ovl_rename and ovl_set_redirect
 */
final class Rename {
  private final Tree tree;
  private final CopyUp copyUp;
  private final MergedDir mergedDir;
  private final InodeFlags inodeFlags;
  private final IndexedLinks links;
  private final OverlayXattr marks;
  private final MoveMarks moveMarks;
  private final boolean redirects;

  Rename(
      Tree tree,
      CopyUp copyUp,
      MergedDir mergedDir,
      LayerStack stack,
      MoveMarks moveMarks,
      InodeFlags inodeFlags,
      IndexedLinks links,
      UnionOptions options) {
    this.tree = tree;
    this.copyUp = copyUp;
    this.mergedDir = mergedDir;
    this.inodeFlags = inodeFlags;
    this.links = links;
    this.marks = stack.marks();
    this.moveMarks = moveMarks;
    // A whiteout that is a file would take the lower part from a directory beside it, and cannot be
    // made in one step with the move.
    this.redirects =
        options.redirectDirectories()
            && marks == OverlayXattr.TRUSTED
            && stack.hasAttributeMarks()
            && stack.whiteouts() != WhiteoutForm.FILE;
  }

  /**
   * Moves.
   *
   * @param flags 0, {@link Linux#RENAME_NOREPLACE} or {@link Linux#RENAME_EXCHANGE}
   * @throws ErrnoException EINVAL for other flags, a reserved name, or a directory into itself;
   *     ENOENT, EEXIST, ENOTDIR, EISDIR, ENOTEMPTY; EXDEV for a directory with a lower part where
   *     redirects are off or too long; EROFS
   */
  void rename(Node parent, Name name, Node newParent, Name newName, int flags, Caller caller)
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

  /** Moves; false if somebody else changed one of the names meanwhile. */
  private boolean attempt(MoveEnd from, MoveEnd to, int flags, Caller caller)
      throws ErrnoException {
    List<Node> lostChild = new ArrayList<>(2);
    Found found = tree.pool.take();
    try {
      from.node = tree.reference(from.parent, from.name, found);
      to.node = tree.reference(to.parent, to.name, found);
      Node source = check(from, to, flags);
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
      for (Node directory : lostChild) {
        tree.nodes.release(directory, 1);
      }
    }
  }

  /** Brings the data of files for which the path to it is too long a mark; false if none. */
  private boolean bringData(MoveEnd from, MoveEnd to, Caller caller) throws ErrnoException {
    boolean any = false;
    for (Node node : new @Nullable Node[] {from.node, to.node}) {
      if (node != null && node.isMetadataOnly()) {
        copyUp.ensureData(node, CopyUp.WHOLE, caller);
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

  /**
   * Decides every error that is not about resources, before anything is copied.
   *
   * @implNote the order of the kernel: what fs/namei.c refuses, then ovl_can_move, then
   *     ovl_check_empty_dir
   */
  private Node check(MoveEnd from, MoveEnd to, int flags) throws ErrnoException {
    Node source = from.node;
    Node target = to.node;
    boolean exchange = flags == Linux.RENAME_EXCHANGE;
    if (source == null || exchange && target == null) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    if (flags == Linux.RENAME_NOREPLACE && target != null) {
      throw ErrnoException.of(Errno.EEXIST);
    }
    requireUnprotected(from, to, source);
    Node replaced = exchange || target == source ? null : target;
    if (replaced != null) {
      requireSameType(source, replaced);
    }
    requireNoLoop(from, to, source, flags);
    requireMovable(source);
    if (exchange && target != null) {
      requireMovable(target);
    }
    if (replaced != null && replaced.isDirectory() && !mergedDir.isEmpty(replaced)) {
      throw ErrnoException.of(Errno.ENOTEMPTY);
    }
    return source;
  }

  private void requireUnprotected(MoveEnd from, MoveEnd to, Node source) throws ErrnoException {
    Node target = to.node;
    if (source == target) {
      return; // nothing is going to move
    }
    inodeFlags.requireRemovable(from.parent, source);
    if (target == null) {
      inodeFlags.requireAcceptsNames(to.parent);
    } else {
      inodeFlags.requireRemovable(to.parent, target);
    }
  }

  /** No directory moves into itself; one that holds the source is not empty. */
  private static void requireNoLoop(MoveEnd from, MoveEnd to, Node source, int flags)
      throws ErrnoException {
    if (source.isDirectory() && isSameOrAncestor(source, to.parent)) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    Node target = to.node;
    if (target != null && target.isDirectory() && isSameOrAncestor(target, from.parent)) {
      throw ErrnoException.of(flags == Linux.RENAME_EXCHANGE ? Errno.EINVAL : Errno.ENOTEMPTY);
    }
  }

  private static void requireSameType(Node source, Node target) throws ErrnoException {
    if (source.isDirectory() && !target.isDirectory()) {
      throw ErrnoException.of(Errno.ENOTDIR);
    }
    if (!source.isDirectory() && target.isDirectory()) {
      throw ErrnoException.of(Errno.EISDIR);
    }
  }

  /** A mark beside the new name would take the lower part from a directory. */
  private void requireNoMarkBeside(Node moved, MoveEnd to, Found found) throws ErrnoException {
    if (moved.isDirectory()
        && moved.lowers.length > 0
        && tree.lookup.isHiddenBelow(to.parentRef(), to.name, found.probe)) {
      throw ErrnoException.of(Errno.EXDEV);
    }
  }

  private void requireMovable(Node node) throws ErrnoException {
    if (node.isDirectory() && node.lowers.length > 0 && !redirects) {
      throw ErrnoException.of(Errno.EXDEV);
    }
  }

  private static boolean isSameOrAncestor(Node node, Node of) {
    for (Node at = of; at != null; at = at.parent()) {
      if (at == node) {
        return true;
      }
    }
    return false;
  }

  private void copyUpEnds(MoveEnd from, MoveEnd to, Node source, int flags, Caller caller)
      throws ErrnoException {
    copyUp.ensureUpper(source, caller); // and with it its parents
    copyUp.ensureUpper(from.parent, caller);
    copyUp.ensureUpper(to.parent, caller);
    Node target = to.node;
    if (target != null && (flags == Linux.RENAME_EXCHANGE || target.indexed != null)) {
      copyUp.ensureUpper(target, caller);
    }
  }

  // Locks

  private boolean moveUnderLocks(
      MoveEnd from, MoveEnd to, Node source, int flags, Found found, List<Node> lostChild)
      throws ErrnoException {
    boolean shapeChanges =
        from.parent != to.parent || needsPaths(source) || to.node != null && needsPaths(to.node);
    if (shapeChanges) {
      tree.renameLock.lock();
    }
    try {
      Deque<RankedLock> held = new ArrayDeque<>();
      try {
        lockParents(from.parent, to.parent, held);
        return moveLocked(from, to, source, flags, found, lostChild, held);
      } finally {
        while (!held.isEmpty()) {
          held.pop().unlock();
        }
      }
    } finally {
      if (shapeChanges) {
        tree.renameLock.unlock();
      }
    }
  }

  /** Whether names above an object must stand still, for a mark may have to tell them. */
  private static boolean needsPaths(Node node) {
    return node.isDirectory() || node.isMetadataOnly();
  }

  /** An ancestor first; of two unrelated directories, the one with the lower id. */
  private static void lockParents(Node one, Node other, Deque<RankedLock> held) {
    if (one == other) {
      hold(one.lockOfDirectory(), held);
      return;
    }
    boolean oneFirst =
        isSameOrAncestor(one, other) || !isSameOrAncestor(other, one) && one.id < other.id;
    hold((oneFirst ? one : other).lockOfDirectory(), held);
    hold((oneFirst ? other : one).lockOfDirectory(), held);
  }

  private static void hold(RankedLock lock, Deque<RankedLock> held) {
    RankedLock above = held.peek();
    if (above == null) {
      lock.lock();
    } else {
      lock.lockChildOf(above);
    }
    held.push(lock);
  }

  /** Of files; a directory has one name. */
  private static void holdNames(Node source, @Nullable Node target, Deque<RankedLock> held) {
    RankedLock above = null;
    boolean targetFirst = target != null && target.id < source.id;
    for (Node node :
        new @Nullable Node[] {targetFirst ? target : source, targetFirst ? source : target}) {
      if (node == null || node.isDirectory()) {
        continue;
      }
      RankedLock lock = node.namesLock();
      if (above == null) {
        lock.lock();
      } else {
        lock.lockChildOf(above);
      }
      above = lock;
      held.push(lock);
    }
  }

  private boolean moveLocked(
      MoveEnd from,
      MoveEnd to,
      Node source,
      int flags,
      Found found,
      List<Node> lostChild,
      Deque<RankedLock> held)
      throws ErrnoException {
    Node target = to.node;
    if (from.parent.removed || to.parent.removed) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    if (from.parent.child(from.name) != source || to.parent.child(to.name) != target) {
      return false;
    }
    requireNoLoop(from, to, source, flags);
    from.hides = tree.lookup.isInLowers(from.parent, from.name, found);
    to.hides = tree.lookup.isInLowers(to.parent, to.name, found);
    requireNoMarkBeside(source, to, found);
    if (flags == Linux.RENAME_EXCHANGE && target != null) {
      requireNoMarkBeside(target, from, found);
      holdNames(source, target, held);
      exchange(from, to, source, target);
      return true;
    }
    if (target != null && target.isDirectory()) {
      hold(target.lockOfDirectory(), held);
      if (!mergedDir.isEmpty(target)) {
        throw ErrnoException.of(Errno.ENOTEMPTY);
      }
    }
    tree.lookup.find(to.parent, to.name, found);
    boolean overWhiteout = found.outcome == Found.Outcome.UPPER_WHITEOUT;
    holdNames(source, target, held);
    move(from, to, source, overWhiteout, lostChild);
    return true;
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
    // The new names first: neither may look for an instant as if it had none.
    source.addAlias(to.parent, to.name);
    target.addAlias(from.parent, from.name);
    source.removeAlias(from.parent, from.name);
    target.removeAlias(to.parent, to.name);
    from.parent.putChild(from.name, target);
    to.parent.putChild(to.name, source);
    from.parent.version++;
    to.parent.version++;
  }

  /** The upper object of a node, reached by the name that is to move. */
  private static LayerRef refAt(UpperLayer layer, Node node, MoveEnd end) throws ErrnoException {
    LayerRef ref = node.upper();
    if (ref == null) {
      throw ErrnoException.of(Errno.ESTALE);
    }
    if (node.indexed != null) {
      return new LayerRef(end.parentRef(), end.name); // the node goes on using its index entry
    }
    layer.rename(ref, end.parentRef(), end.name);
    return ref;
  }

  private void move(
      MoveEnd from, MoveEnd to, Node source, boolean overWhiteout, List<Node> lostChild)
      throws ErrnoException {
    UpperLayer layer = copyUp.writable();
    Node target = to.node;
    requireUpperName(source, from);
    if (target != null) {
      requireUpperName(target, to);
      links.beforeNamesChange(layer, target);
    }
    moveMarks.onObject(source, from, to);
    moveMarks.onParent(source, to);
    LayerRef ref = refAt(layer, source, from);
    LayerRef replaced = target == null ? null : target.upper();
    StandIn standIn = replaced == null ? null : StandIn.ifNeeded(copyUp, target, replaced);
    Remove.NameLoss loss = null;
    boolean committed = false;
    try {
      if (target != null && replaced != null && standIn == null) {
        loss = Remove.NameLoss.of(layer, target, to.parent, to.name);
      }
      commit(layer, ref, from, to, source, overWhiteout);
      committed = true;
    } finally {
      if (!committed && loss != null) {
        loss.undo();
      }
      if (standIn != null) {
        standIn.end(committed);
      }
    }
    if (target != null) {
      links.nameGone(layer, target);
    }
    publish(from, to, source, lostChild);
  }

  private void requireUpperName(Node node, MoveEnd end) throws ErrnoException {
    links.requireUpperName(node, copyUp, end.parent, end.parentRef(), end.name);
  }

  private static void commit(
      UpperLayer layer, LayerRef ref, MoveEnd from, MoveEnd to, Node source, boolean overWhiteout)
      throws ErrnoException {
    if (overWhiteout && source.isDirectory()) {
      // A directory cannot be renamed over a whiteout, but it can change places with it.
      LayerRef whiteout = new LayerRef(to.parentRef(), to.name);
      layer.exchange(ref, whiteout);
      if (!from.hides) {
        CopyUp.bestEffort(
            () -> layer.unlink(from.parentRef(), from.name),
            "remove a whiteout that hides nothing");
      }
      return;
    }
    layer.move(ref, to.parentRef(), to.name, from.hides ? Linux.RENAME_WHITEOUT : 0);
  }

  private void publish(MoveEnd from, MoveEnd to, Node source, List<Node> lostChild) {
    Node target = to.node;
    if (target != null) {
      target.removed = target.isDirectory();
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
