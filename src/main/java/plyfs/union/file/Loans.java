package plyfs.union.file;

import org.jspecify.annotations.Nullable;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Stat;
import plyfs.union.api.Caller;
import plyfs.union.api.FileLending;
import plyfs.union.attribute.InodeFlags;
import plyfs.union.copyup.CopyUp;
import plyfs.union.node.Changes;
import plyfs.union.node.Leaf;
import plyfs.union.node.NodeTable;
import plyfs.union.node.OpenFile;
import plyfs.union.node.OpenFiles;

/**
 * The files lent to the kernel, which reads and writes them itself, and the effect of a change on a
 * loan.
 *
 * <p>A node has one loan at a time. If the lent file is a lower file, a change of its data cannot
 * reach the opens that use it. Then the node gets another id, and the change fails with ESTALE,
 * after which the kernel looks the name up again and finds the new id.
 */
public final class Loans {
  private final NodeTable nodes;
  private final CopyUp copyUp;
  private final InodeFlags inodeFlags;
  private @Nullable FileLending borrower;
  private boolean lendsLowers;
  private final Changes changes;

  public Loans(NodeTable nodes, CopyUp copyUp, InodeFlags inodeFlags, Changes changes) {
    this.nodes = nodes;
    this.copyUp = copyUp;
    this.inodeFlags = inodeFlags;
    this.changes = changes;
  }

  /** As {@code UnionFs.lendTo}. */
  public void lendTo(FileLending to, boolean lowersToo) {
    borrower = to;
    lendsLowers = lowersToo;
  }

  /** Lends the file of an open; id of the loan, or 0. */
  public int lend(OpenFile open) throws ErrnoException {
    FileLending to = borrower;
    if (to == null) {
      return 0;
    }
    OpenFiles files = open.files();
    return files.lend(to, !files.isLoanDecided() && mayBeLent(open));
  }

  /**
   * Whether the kernel's access to the file would have the same effect as that of the engine: its
   * data stays where it is, or may stay with the loan, and a write has no mark or permission bit to
   * clear.
   */
  private boolean mayBeLent(OpenFile open) throws ErrnoException {
    Leaf node = open.node();
    boolean stays = node.upper() != null || !copyUp.isPossible();
    if (!stays && !lendsLowers || node.lowerData() != null || node.mayCarryMetacopy) {
      return false;
    }
    if (inodeFlags.isAppendOnly(node)) {
      return false; // where it is written is for the engine to see
    }
    Stat stat = new Stat();
    open.files().readable().stat(stat);
    return (stat.mode() & (Linux.S_ISUID | Linux.S_ISGID)) == 0;
  }

  /**
   * Checks that a node is still opened by this id.
   *
   * @throws ErrnoException ESTALE
   */
  public void requireCurrent(Leaf node, long id) throws ErrnoException {
    if (node.id != id) {
      throw ErrnoException.of(Errno.ESTALE);
    }
  }

  /**
   * To be called before the data of a file changes by its node. No lock held.
   *
   * @param kept how many of its bytes the change may leave
   * @throws ErrnoException ESTALE after the node got another id, because its lower file is lent;
   *     what copy-up may throw
   */
  public void beforeChange(Leaf node, OpenFiles files, long kept, Caller caller)
      throws ErrnoException {
    if (!lendsLowers || !files.isLowerLent()) {
      return;
    }
    copyUp.ensureData(node, kept, caller);
    leave(node, files);
    throw ErrnoException.of(Errno.ESTALE);
  }

  /**
   * To be called after an open for writing, or a change without one: the lower file may have been
   * lent between {@link #beforeChange} and the copy-up; from then on it is not.
   *
   * @return whether it was, so that the node got another id
   */
  public boolean afterChange(Leaf node, OpenFiles files) throws ErrnoException {
    if (!lendsLowers || !files.isLowerLent()) {
      return false;
    }
    leave(node, files);
    return true;
  }

  private void leave(Leaf node, OpenFiles files) throws ErrnoException {
    long old = node.id;
    nodes.renumber(node, files);
    changes.ofAttributes(old);
  }
}
