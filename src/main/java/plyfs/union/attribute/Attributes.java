package plyfs.union.attribute;

import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerFile;
import plyfs.layer.LayerRef;
import plyfs.layer.UpperLayer;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.RankedLock;
import plyfs.sys.Stat;
import plyfs.union.api.AttributeChange;
import plyfs.union.api.Caller;
import plyfs.union.api.IdMapping;
import plyfs.union.api.NodeView;
import plyfs.union.copyup.CopyUp;
import plyfs.union.node.Changes;
import plyfs.union.node.Directory;
import plyfs.union.node.Found;
import plyfs.union.node.Leaf;
import plyfs.union.node.Node;
import plyfs.union.tree.Tree;

/** Changes of attributes: size, owner, mode, times. */
public final class Attributes {
  private final Tree tree;
  private final CopyUp copyUp;
  private final InodeFlags flags;
  private final IdMapping ids;
  private final Changes changes;
  private boolean callerKeepsMtimes;

  public Attributes(Tree tree, CopyUp copyUp, InodeFlags flags, IdMapping ids, Changes changes) {
    this.tree = tree;
    this.copyUp = copyUp;
    this.flags = flags;
    this.ids = ids;
    this.changes = changes;
  }

  /** As {@code UnionFs.callerKeepsMtimes}. */
  public void callerKeepsMtimes() {
    callerKeepsMtimes = true;
  }

  /** A file was made, and its caller is told these attributes. */
  public void made(Node node, Stat told) {
    if (callerKeepsMtimes && node instanceof Leaf file && file.isRegular()) {
      file.keptMtime().made(told.mtimeSeconds(), told.mtimeNanos());
    }
  }

  /**
   * Applies a change.
   *
   * @throws ErrnoException EROFS, EISDIR or EINVAL for the size of something else than a regular
   *     file, EPERM, ENOSPC, EOVERFLOW for an owner that cannot be stored
   */
  public void change(Node node, AttributeChange change, Caller caller, NodeView out)
      throws ErrnoException {
    UpperLayer layer = copyUp.writable();
    int uid = ids.newOwner(change.uid);
    int gid = ids.newGroup(change.gid);
    boolean changesOwner = uid != -1 || gid != -1;
    if (change.isOwnerAtMost() && !changesOwner) {
      RankedLock held = keepTimesStill(node);
      try {
        tree.view(node, out); // nothing changes, so nothing is copied
      } finally {
        CopyUp.letDataCome(held);
      }
      return;
    }
    if (change.keptTimes) {
      if (node instanceof Leaf file && tellsMtime(file, change)) {
        file.keptMtime().told(change); // before the look: a write that ends now puts this back
      }
      tree.view(node, out);
      if (change.isModifiedAt(out.stat())) {
        return; // nor here: what was just removed would be copied for nothing
      }
    }
    flags.requireChangeable(node, change);
    try {
      if (change.hasSize()) {
        resize(regular(node), change.size, change.killSuidgid, caller);
      }
      apply(layer, node, change, uid, gid, caller, out);
    } catch (Throwable e) {
      copyUp.tellOfFailedChange(node); // a part of it may be done
      throw e;
    }
  }

  private void apply(
      UpperLayer layer,
      Node node,
      AttributeChange change,
      int uid,
      int gid,
      Caller caller,
      NodeView out)
      throws ErrnoException {
    LayerRef upper = copyUp.ensureUpper(node, caller);
    RankedLock held = keepTimesStill(node);
    try {
      apply(layer, upper, change, uid, gid, caller);
      setTimes(layer, node, upper, change);
      tree.view(node, out);
    } finally {
      CopyUp.letDataCome(held);
    }
  }

  /**
   * Waits until nothing moves the times of a node that will put them back: names that come into a
   * directory by copy-up, data that comes into a file. What is set, and told, would be undone.
   *
   * @return for {@link CopyUp#letDataCome}
   */
  private static @Nullable RankedLock keepTimesStill(Node node) {
    if (node instanceof Directory directory) {
      directory.dirLock.lock();
      return directory.dirLock;
    }
    return CopyUp.keepDataAway(node);
  }

  private boolean tellsMtime(Leaf node, AttributeChange change) {
    return callerKeepsMtimes && node.isRegular() && change.tellsMtime();
  }

  private void setTimes(UpperLayer layer, Node node, LayerRef upper, AttributeChange change)
      throws ErrnoException {
    if (node instanceof Leaf file && tellsMtime(file, change)) {
      file.keptMtime().set(layer, upper, change);
    } else if (change.hasTimes()) {
      layer.setTimes(upper, change.atime, change.atimeNanos, change.mtime, change.mtimeNanos);
    }
  }

  private void apply(
      UpperLayer layer, LayerRef upper, AttributeChange change, int uid, int gid, Caller caller)
      throws ErrnoException {
    if (uid != -1 || gid != -1) {
      changeOwner(layer, upper, uid, gid, caller);
    }
    if (change.hasMode()) {
      layer.chmod(upper, change.mode);
    }
  }

  private static Leaf regular(Node node) throws ErrnoException {
    if (node instanceof Leaf file && file.isRegular()) {
      return file;
    }
    throw ErrnoException.of(node.isDirectory() ? Errno.EISDIR : Errno.EINVAL);
  }

  /**
   * Truncates or extends; of a lower file no more is copied than remains. Privileges of the file go
   * before its data changes.
   *
   * @param killSuidgid whether setuid and setgid are among them; capabilities always are
   */
  public void resize(Leaf node, long size, boolean killSuidgid, Caller caller)
      throws ErrnoException {
    if (size < 0) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    boolean wasLower = node.upper() == null || node.isMetadataOnly();
    if (node.upper() == null) {
      int mode = killSuidgid ? modeWithoutPrivileges(node, caller) : CopyUp.SAME_MODE;
      if (copyUp.copyTruncated(node, size, mode, caller)) {
        return;
      }
    }
    if (killSuidgid) {
      dropPrivileges(node, caller);
    }
    LayerRef upper = copyUp.ensureData(node, size, caller);
    // Another thread may have copied the whole file up at the same time, so truncate again: then
    // the size is right in either case.
    try (LayerFile file = copyUp.writable().openWritable(upper)) {
      if (wasLower) {
        Stat stat = new Stat();
        file.stat(stat);
        if (stat.size() == size) {
          node.putMtimeBack(file);
          return;
        }
      }
      file.truncate(size);
      node.putMtimeBack(file);
    }
  }

  /**
   * Changes the owner. The file system takes setuid away, and setgid where the group may execute;
   * it does not know the caller, so setgid that is no privilege is left to us, and goes first: the
   * new group never has it.
   *
   * @implNote Linux fs/open.c, chown_common, and fs/attr.c, setattr_should_drop_sgid
   */
  private void changeOwner(UpperLayer layer, LayerRef upper, int uid, int gid, Caller caller)
      throws ErrnoException {
    Found found = tree.pool.take();
    try {
      Stat stat = found.stat;
      boolean dropsSetgid =
          layer.stat(upper, stat)
              && !stat.isDirectory()
              && (stat.mode() & (Linux.S_ISGID | Linux.S_IXGRP)) == Linux.S_ISGID
              && !caller.keepsSetgid().test(ids.shownOwningGroup(stat.gid()));
      if (dropsSetgid) {
        layer.chmod(upper, stat.mode() & 07777 & ~Linux.S_ISGID);
      }
      layer.chown(upper, uid, gid);
    } finally {
      tree.pool.giveBack(found);
    }
  }

  /** Permission bits that a node keeps when {@link #dropPrivileges} has been called. */
  private int modeWithoutPrivileges(Node node, Caller caller) throws ErrnoException {
    Found found = tree.pool.take();
    try {
      LayerRef top = node.top();
      if (!top.layer().stat(top, found.stat)) {
        throw ErrnoException.of(Errno.ESTALE);
      }
      return modeWithoutPrivileges(found.stat, caller);
    } finally {
      tree.pool.giveBack(found);
    }
  }

  private int modeWithoutPrivileges(Stat stat, Caller caller) {
    int mode = stat.mode() & 07777;
    int left = mode & ~Linux.S_ISUID;
    if ((mode & Linux.S_ISGID) != 0
        && ((mode & Linux.S_IXGRP) != 0
            || !caller.keepsSetgid().test(ids.shownOwningGroup(stat.gid())))) {
      left &= ~Linux.S_ISGID;
    }
    return left;
  }

  /**
   * Takes setuid away, and setgid where it means privilege, as the kernel does when a user other
   * than root writes. This happens before the data changes, so that no program can run the new data
   * as the file's owner.
   *
   * @throws ErrnoException the data must not be changed then
   * @implNote Linux fs/attr.c, setattr_should_drop_suidgid. After a write the kernel asks for the
   *     mode again only if it is told (fs/fuse/file.c, fuse_write_update_attr); until then it would
   *     run the file as its owner.
   */
  public void dropPrivileges(Node node, Caller caller) throws ErrnoException {
    UpperLayer layer = copyUp.writable();
    LayerRef upper = copyUp.ensureUpper(node, caller);
    Found found = tree.pool.take();
    try {
      Stat stat = found.stat;
      if (!layer.stat(upper, stat)) {
        throw ErrnoException.of(Errno.ESTALE);
      }
      int left = modeWithoutPrivileges(stat, caller);
      if (left != (stat.mode() & 07777)) {
        layer.chmod(upper, left);
        changes.ofAttributes(node);
      }
    } finally {
      tree.pool.giveBack(found);
    }
  }
}
