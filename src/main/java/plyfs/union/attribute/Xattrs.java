package plyfs.union.attribute;

import java.io.ByteArrayOutputStream;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerRef;
import plyfs.layer.OverlayXattr;
import plyfs.layer.UpperLayer;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Stat;
import plyfs.sys.XattrSyscalls;
import plyfs.union.api.Caller;
import plyfs.union.api.IdMapping;
import plyfs.union.copyup.CopyUp;
import plyfs.union.mark.IdsInXattrs;
import plyfs.union.mark.XattrNames;
import plyfs.union.node.Directory;
import plyfs.union.node.LayerChange;
import plyfs.union.node.Leaf;
import plyfs.union.node.Node;

/**
 * Extended attributes as users of the mount see them: the overlay's own are not there, and names
 * that look like them are stored one level deeper.
 *
 * @implNote Linux fs/overlayfs/xattrs.c
 */
public final class Xattrs {
  private final CopyUp copyUp;
  private final OverlayXattr marks;
  private final InodeFlags flags;
  private final IdMapping mapping;
  private final IdsInXattrs ids;
  private final boolean acls;

  public Xattrs(
      CopyUp copyUp, OverlayXattr marks, InodeFlags flags, IdMapping mapping, boolean posixAcls) {
    this.copyUp = copyUp;
    this.marks = marks;
    this.flags = flags;
    this.mapping = mapping;
    this.ids = new IdsInXattrs(mapping);
    this.acls = posixAcls;
  }

  /**
   * Without ACLs the kernel hands their attributes on like any others.
   *
   * @throws ErrnoException EOPNOTSUPP
   */
  private void refuseAcl(byte[] name) throws ErrnoException {
    if (isHiddenAcl(name)) {
      throw ErrnoException.of(Errno.EOPNOTSUPP);
    }
  }

  private boolean isHiddenAcl(byte[] name) {
    return !acls && XattrNames.isAcl(name);
  }

  /** Value of an attribute; null if there is none. */
  public byte @Nullable [] get(Node node, byte[] name) throws ErrnoException {
    if (node instanceof Leaf file && file.neverHadCapabilities && XattrNames.isCapability(name)) {
      return null;
    }
    refuseAcl(name);
    if (XattrNames.isMarkOfFuseOverlayfs(name)) {
      return null;
    }
    LayerRef top = node.top();
    return ids.shown(name, top.layer().xattr(top, marks.toDisk(name)));
  }

  /**
   * Names of all attributes, each with a final NUL.
   *
   * @param seesTrusted whether those in {@code trusted.} are among them; asked only if there are
   *     such names
   */
  public byte[] list(Node node, BooleanSupplier seesTrusted) throws ErrnoException {
    LayerRef top = node.top();
    byte[] names = top.layer().xattrNames(top);
    ByteArrayOutputStream shown = new ByteArrayOutputStream(names.length);
    XattrSyscalls.forEachName(
        names,
        name -> {
          boolean hidden =
              marks.isPrivate(name)
                  || XattrNames.isMarkOfFuseOverlayfs(name)
                  || isHiddenAcl(name)
                  || XattrNames.isTrusted(name) && !seesTrusted.getAsBoolean()
                  || ids.mayHide(name) && get(node, name) == null;
          if (!hidden) {
            shown.writeBytes(marks.toShown(name));
            shown.write(0);
          }
        });
    return shown.toByteArray();
  }

  /**
   * Sets an attribute.
   *
   * @param how 0, {@link Linux#XATTR_CREATE} or {@link Linux#XATTR_REPLACE}
   * @param killSetgid whether setgid goes with an access ACL, because the caller is not in the
   *     file's group; FUSE requests it with a default ACL too, the kernel's overlayfs does not do
   *     that
   * @throws ErrnoException EEXIST, ENODATA, EOPNOTSUPP, EPERM also for a mark of fuse-overlayfs,
   *     E2BIG, EOVERFLOW: these before anything is copied; EROFS, ENOSPC
   */
  public void set(Node node, byte[] name, byte[] value, int how, boolean killSetgid, Caller caller)
      throws ErrnoException {
    UpperLayer layer = copyUp.writable();
    flags.requireUnprotected(node);
    requireSettable(node, name);
    refuseAcl(name);
    onDisk(name);
    if (value.length > Linux.XATTR_SIZE_MAX) {
      throw ErrnoException.of(Errno.E2BIG);
    }
    byte[] stored = ids.stored(name, value);
    if (how != 0) {
      boolean exists = get(node, name) != null;
      if (exists && how == Linux.XATTR_CREATE) {
        throw ErrnoException.of(Errno.EEXIST);
      }
      if (!exists && how == Linux.XATTR_REPLACE) {
        throw ErrnoException.of(Errno.ENODATA);
      }
    }
    LayerRef upper = copyUp.ensureUpper(node, caller);
    if (node instanceof Leaf file && XattrNames.isCapability(name)) {
      file.neverHadCapabilities = false;
    }
    if (killSetgid && XattrNames.isAccessAcl(name)) {
      clearSetgid(layer, upper);
    }
    changing(node, name, () -> layer.setXattr(upper, onDisk(name), stored, how));
  }

  /** The name on disk; it may be longer than the one that was given, and then too long. */
  private byte[] onDisk(byte[] name) throws ErrnoException {
    byte[] onDisk = marks.toDisk(name);
    if (onDisk.length > XattrNames.MAX_BYTES) {
      throw ErrnoException.of(Errno.ERANGE);
    }
    return onDisk;
  }

  /** Makes a change; what is known of the default ACL of a directory goes with it. */
  private static void changing(Node node, byte[] name, LayerChange change) throws ErrnoException {
    if (!(node instanceof Directory directory) || !XattrNames.isAcl(name)) {
      CopyUp.changing(node, change);
      return;
    }
    directory.dirLock.lock();
    try {
      change.run();
    } finally {
      directory.defaultAcl = null;
      directory.dirLock.unlock();
    }
  }

  private static void requireSettable(Node node, byte[] name) throws ErrnoException {
    if (!XattrNames.isOfKnownNamespace(name)) {
      throw ErrnoException.of(Errno.EOPNOTSUPP);
    }
    if (XattrNames.isMarkOfFuseOverlayfs(name)) {
      throw ErrnoException.of(Errno.EPERM);
    }
    if (XattrNames.isUser(name) && !node.isRegular() && !node.isDirectory()) {
      throw ErrnoException.of(Errno.EPERM);
    }
  }

  private boolean isSetgidOfOthers(Node node, Caller caller) throws ErrnoException {
    Stat stat = new Stat();
    LayerRef top = node.top();
    return top.layer().stat(top, stat)
        && (stat.mode() & Linux.S_ISGID) != 0
        && !caller.keepsSetgid().test(mapping.shownOwningGroup(stat.gid()));
  }

  private static void clearSetgid(UpperLayer layer, LayerRef upper) throws ErrnoException {
    Stat stat = new Stat();
    if (layer.stat(upper, stat) && (stat.mode() & Linux.S_ISGID) != 0) {
      layer.chmod(upper, stat.mode() & ~Linux.S_ISGID);
    }
  }

  /**
   * Removes an attribute. With an access ACL setgid goes, as when one is set; the request does not
   * say so itself.
   *
   * @throws ErrnoException ENODATA, before anything is copied; EROFS, ENOSPC
   * @implNote Linux fs/overlayfs/inode.c, ovl_set_acl
   */
  public void remove(Node node, byte[] name, Caller caller) throws ErrnoException {
    UpperLayer layer = copyUp.writable();
    flags.requireUnprotected(node);
    requireSettable(node, name);
    refuseAcl(name);
    if (XattrNames.isAccessAcl(name) && isSetgidOfOthers(node, caller)) {
      clearSetgid(layer, copyUp.ensureUpper(node, caller));
    }
    // The file system of an upper object decides itself whether removing an ACL that is not there
    // is an error.
    boolean decidedBelow = XattrNames.isAcl(name) && node.upper() != null;
    if (!decidedBelow && get(node, name) == null) {
      throw ErrnoException.of(Errno.ENODATA);
    }
    LayerRef upper = copyUp.ensureUpper(node, caller);
    changing(node, name, () -> layer.removeXattr(upper, onDisk(name)));
  }
}
