package plyfs.union.name;

import plyfs.layer.LayerStack;
import plyfs.layer.OverlayXattr;
import plyfs.layer.WhiteoutForm;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.union.api.UnionOptions;
import plyfs.union.attribute.InodeFlags;
import plyfs.union.listing.MergedDir;
import plyfs.union.node.Directory;
import plyfs.union.node.Found;
import plyfs.union.node.MoveEnd;
import plyfs.union.node.Node;
import plyfs.union.tree.Tree;

/** What forbids that a name moves. Nothing is changed here. */
public final class RenameChecks {
  private final Tree tree;
  private final MergedDir mergedDir;
  private final InodeFlags inodeFlags;
  private final boolean redirects;

  public RenameChecks(
      Tree tree,
      MergedDir mergedDir,
      InodeFlags inodeFlags,
      LayerStack stack,
      UnionOptions options) {
    this.tree = tree;
    this.mergedDir = mergedDir;
    this.inodeFlags = inodeFlags;
    this.redirects = makesRedirects(stack, options);
  }

  /** Whether a directory with a lower part can be renamed. */
  private static boolean makesRedirects(LayerStack stack, UnionOptions options) {
    // A whiteout that is a file would take the lower part from a directory beside it, and cannot be
    // made in one step with the move.
    return options.redirectDirectories()
        && stack.marks() == OverlayXattr.TRUSTED
        && stack.hasAttributeMarks()
        && stack.whiteouts() != WhiteoutForm.FILE;
  }

  /**
   * Decides every error that is not about resources, before anything is copied.
   *
   * @implNote the order of the kernel: what fs/namei.c refuses, then ovl_can_move, then
   *     ovl_check_empty_dir
   */
  public Node check(MoveEnd from, MoveEnd to, int flags) throws ErrnoException {
    Node source = from.node;
    Node target = to.node;
    boolean exchange = flags == Linux.RENAME_EXCHANGE;
    if (source == null || exchange && target == null) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    if (flags == Linux.RENAME_NOREPLACE && target != null) {
      throw ErrnoException.of(Errno.EEXIST);
    }
    requireNoLoop(from, to, source, flags);
    requireUnprotected(from, to, source);
    Node replaced = exchange || target == source ? null : target;
    if (replaced != null) {
      requireSameType(source, replaced);
    }
    requireMovable(source);
    if (exchange && target != null) {
      requireMovable(target);
    }
    if (replaced instanceof Directory directory && !mergedDir.isEmpty(directory)) {
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
  static void requireNoLoop(MoveEnd from, MoveEnd to, Node source, int flags)
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
  void requireNoMarkBeside(Node moved, MoveEnd to, Found found) throws ErrnoException {
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

  static boolean isSameOrAncestor(Node node, Node of) {
    for (Node at = of; at != null; at = at.parent()) {
      if (at == node) {
        return true;
      }
    }
    return false;
  }
}
