package plyfs.union.attribute;

import plyfs.layer.LayerFile;
import plyfs.layer.LayerRef;
import plyfs.layer.OverlayXattr;
import plyfs.layer.UpperLayer;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.FlagsForm;
import plyfs.sys.Linux;
import plyfs.sys.RankedLock;
import plyfs.union.api.AttributeChange;
import plyfs.union.api.Caller;
import plyfs.union.copyup.CopyUp;
import plyfs.union.mark.LowerProtection;
import plyfs.union.mark.Protection;
import plyfs.union.node.Changes;
import plyfs.union.node.Directory;
import plyfs.union.node.Node;

/**
 * The flags of chattr(1): tells them, sets them, and refuses what chattr +i and +a forbid. A FUSE
 * kernel does not know these two of our inodes, so every change asks here, before anything is
 * copied up. Each node's protection is known from its lookup, but for the mark of an upper object
 * and for whether chattr(1) set what a lower one reports, which are looked at once.
 *
 * @implNote the rules are those of the VFS: Linux fs/namei.c (inode_permission, may_open,
 *     may_create, may_delete, vfs_link), fs/attr.c (may_setattr), fs/xattr.c (xattr_permission),
 *     fs/open.c (vfs_fallocate)
 */
public final class InodeFlags {
  private final CopyUp copyUp;
  private final OverlayXattr marks;
  private final Changes changes;

  public InodeFlags(CopyUp copyUp, OverlayXattr marks, Changes changes) {
    this.copyUp = copyUp;
    this.marks = marks;
    this.changes = changes;
  }

  // What is forbidden

  /**
   * Before attributes change: of an append-only object only both times, to now, or to when it was
   * appended to.
   */
  public void requireChangeable(Node node, AttributeChange change) throws ErrnoException {
    int protection = of(node);
    boolean isTouch = change.isTouch() || change.isKeptTouch();
    if (protection == Protection.NONE || protection == Protection.APPEND_ONLY && isTouch) {
      return;
    }
    throw ErrnoException.of(Errno.EPERM);
  }

  /** Before extended attributes change, or the object gets another name. */
  public void requireUnprotected(Node node) throws ErrnoException {
    if (of(node) != Protection.NONE) {
      throw ErrnoException.of(Errno.EPERM);
    }
  }

  /** Before a file is opened: of an append-only one only its end may be written. */
  public void requireOpenable(Node file, int openFlags) throws ErrnoException {
    boolean writes = (openFlags & Linux.O_ACCMODE) != Linux.O_RDONLY;
    boolean truncates = (openFlags & Linux.O_TRUNC) != 0;
    if (!writes && !truncates) {
      return;
    }
    boolean appends = !truncates && (openFlags & Linux.O_APPEND) != 0;
    requireWritable(file, appends);
  }

  /**
   * Before a file's content changes.
   *
   * @param appends whether nothing that is there changes
   */
  public void requireWritable(Node file, boolean appends) throws ErrnoException {
    int protection = of(file);
    if ((protection & Protection.IMMUTABLE) != 0 || protection != Protection.NONE && !appends) {
      throw ErrnoException.of(Errno.EPERM);
    }
  }

  /** Whether only the end of a file may be written. */
  public boolean isAppendOnly(Node file) throws ErrnoException {
    return (of(file) & Protection.APPEND_ONLY) != 0;
  }

  /** Before a directory gets a new name; an append-only one may. */
  public void requireAcceptsNames(Directory directory) throws ErrnoException {
    if ((of(directory) & Protection.IMMUTABLE) != 0) {
      throw ErrnoException.of(Errno.EPERM);
    }
  }

  /** Before a name goes, or leads to something else. */
  public void requireRemovable(Directory directory, Node node) throws ErrnoException {
    requireUnprotected(directory);
    requireUnprotected(node);
  }

  /** The protection of a node, {@link Protection} bits. */
  private int of(Node node) throws ErrnoException {
    int known = node.protection;
    if ((known & Protection.UNKNOWN) == 0) {
      return known;
    }
    int reported = known & ~Protection.UNKNOWN;
    try {
      int bits =
          (known & Protection.MARK_UNREAD) != 0
              ? reported | marked(node.top())
              : LowerProtection.of(node.lowers[0], hasFlags(node), reported);
      return node.learnProtection(known, bits);
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ENOENT || e.errno() == Errno.ESTALE) {
        return reported; // just removed: what comes next finds that out
      }
      throw e;
    }
  }

  /** What the mark of an upper object says. */
  private int marked(LayerRef upper) throws ErrnoException {
    byte[] mark = upper.layer().xattr(upper, marks.protattr());
    return mark == null ? Protection.NONE : Protection.decode(mark);
  }

  // Reading and setting

  /**
   * The flags of a regular file or a directory, i and a included.
   *
   * @throws ErrnoException ENOTTY for anything else, or where the layer's file system has none
   */
  public byte[] get(Node node, FlagsForm form) throws ErrnoException {
    requireHasFlags(node);
    LayerRef top = node.top();
    try (LayerFile file = top.layer().open(top)) {
      return Protection.put(form, file.flags(form), of(node));
    }
  }

  /**
   * Sets the flags of a regular file or a directory: i and a as a mark, the others on the upper
   * object. The kernel has checked that the caller may set them.
   *
   * @param value as {@link #get} gives it
   * @throws ErrnoException ENOTTY for anything else; EROFS, EOPNOTSUPP, ENOSPC
   */
  public void set(Node node, FlagsForm form, byte[] value, Caller caller) throws ErrnoException {
    requireHasFlags(node);
    UpperLayer layer = copyUp.writable();
    LayerRef upper = copyUp.ensureUpper(node, caller);
    RankedLock lock = node.copyUpLock();
    lock.lock();
    try {
      int before = of(node);
      int wanted = Protection.of(form, value);
      if (wanted != Protection.NONE) {
        layer.setXattr(upper, marks.protattr(), Protection.encode(wanted), 0);
      } else if (before != Protection.NONE) {
        removeMark(layer, upper);
      }
      node.protection = wanted;
      try (LayerFile file = layer.open(upper)) {
        file.setFlags(form, Protection.put(form, value, Protection.NONE));
      }
    } finally {
      lock.unlock();
      changes.ofAttributes(node); // after a failure too: a part of it may be done
    }
  }

  private void removeMark(UpperLayer layer, LayerRef upper) throws ErrnoException {
    try {
      layer.removeXattr(upper, marks.protattr());
    } catch (ErrnoException e) {
      if (e.errno() != Errno.ENODATA) {
        throw e;
      }
    }
  }

  private static void requireHasFlags(Node node) throws ErrnoException {
    if (!hasFlags(node)) {
      throw ErrnoException.of(Errno.ENOTTY);
    }
  }

  private static boolean hasFlags(Node node) {
    return node.isRegular() || node.isDirectory();
  }
}
