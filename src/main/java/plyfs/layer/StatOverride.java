package plyfs.layer;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.RankedLock;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;
import plyfs.sys.XattrSyscalls;

/**
 * Shows the objects of one layer with the owner, mode and type from one of their attributes, and
 * stores changes of these in the attribute instead of the inode. The inodes belong to the daemon's
 * user, with mode 0600 or 0700, so that no other user of the machine can access the data.
 *
 * <p>A device, FIFO or socket is stored as a regular file with such an attribute. A symbolic link
 * cannot have an attribute in the {@code user.} namespace: the daemon changes the owner of its
 * inode if it has the privilege; otherwise the owner stays that of the daemon.
 *
 * <p>The layer hides the attribute itself. If a user sets an attribute of this name, it is stored
 * one level deeper, as {@code user.containers.overlay.override_stat}, so that no user can forge it.
 * POSIX ACLs are not available: as part of the mode of the inode they would restrict the daemon
 * itself.
 *
 * @implNote containers/fuse-overlayfs, utils.c, override_mode, which ignores the attribute on
 *     anything but regular files and directories; main.c, do_fchown and do_fchmod, which ignore
 *     EPERM for symbolic links; direct.c, direct_load_data_source: the attribute of a layer's root
 *     says which of the names the layer uses
 */
final class StatOverride {
  private static final int RANK = 45;
  private static final byte[] DEEPER = "overlay.".getBytes(US_ASCII);
  private static final byte[] CAPABILITY = "security.capability".getBytes(US_ASCII);
  private static final byte[] ACL_ACCESS = "system.posix_acl_access".getBytes(US_ASCII);
  private static final byte[] ACL_DEFAULT = "system.posix_acl_default".getBytes(US_ASCII);

  /** Held while one value is read and written. */
  private final RankedLock lock = new RankedLock(RANK);

  private final OverrideAttribute kind;
  private final byte[] attribute;

  /** Length of the name up to and including its last dot. */
  private final int namespace;

  @Override
  public String toString() {
    return kind.toString();
  }

  private StatOverride(OverrideAttribute kind) {
    this.kind = kind;
    this.attribute = kind.attribute();
    int dot = attribute.length;
    while (attribute[dot - 1] != '.') {
      dot--;
    }
    this.namespace = dot;
  }

  /**
   * For a lower layer; null if there is no override. The root of the layer tells which attribute it
   * uses.
   */
  static @Nullable StatOverride ofLower(OverrideAttribute asked, Fd root) throws ErrnoException {
    if (asked == OverrideAttribute.NONE || has(root, asked)) {
      return of(asked);
    }
    for (OverrideAttribute other : OverrideAttribute.values()) {
      if (other != OverrideAttribute.NONE && has(root, other)) {
        return of(other);
      }
    }
    return of(asked);
  }

  /**
   * For an upper layer; null if there is no override. A layer that uses the old name continues to
   * use it.
   */
  static @Nullable StatOverride ofUpper(OverrideAttribute asked, Fd root) throws ErrnoException {
    boolean old =
        asked == OverrideAttribute.CONTAINERS
            && !has(root, asked)
            && has(root, OverrideAttribute.LEGACY);
    return of(old ? OverrideAttribute.LEGACY : asked);
  }

  private static @Nullable StatOverride of(OverrideAttribute kind) {
    return kind == OverrideAttribute.NONE ? null : new StatOverride(kind);
  }

  private static boolean has(Fd root, OverrideAttribute which) throws ErrnoException {
    return XattrSyscalls.get(root, Syscalls.SELF, which.attribute()) != null;
  }

  /** Replaces owner, mode and type in the attributes of an object. */
  void show(HostLayer layer, LayerRef object, Stat stat) throws ErrnoException {
    if (mayCarry(stat)) {
      byte[] value = layer.xattrOnDisk(object, attribute);
      if (value != null) {
        OverriddenStat.parse(value).show(stat);
      }
    }
  }

  /** As {@link #show}, for an open object. */
  void show(Fd object, Stat stat) throws ErrnoException {
    if (mayCarry(stat)) {
      byte[] value = XattrSyscalls.get(object, Syscalls.SELF, attribute);
      if (value != null) {
        OverriddenStat.parse(value).show(stat);
      }
    }
  }

  private boolean mayCarry(Stat inode) {
    return kind == OverrideAttribute.SECURITY
        ? !inode.isWhiteout()
        : inode.isRegular() || inode.isDirectory();
  }

  /** The type, {@code DT_*}, with which an entry of a directory is shown. */
  int entryType(Fd directory, byte[] name, int type) throws ErrnoException {
    if (type != Linux.DT_REG) {
      return type;
    }
    try {
      byte[] value = XattrSyscalls.get(directory, name, attribute);
      int shown = value == null ? 0 : OverriddenStat.parse(value).type();
      return shown == 0 ? type : Linux.direntType(shown);
    } catch (ErrnoException e) {
      if (Errno.isShortage(e.errno())) {
        throw e;
      }
      return type; // missing, unreadable or malformed: the lookup of the name reports it
    }
  }

  /**
   * Marks the root of an upper layer, for this and other programs, as a layer with overrides.
   *
   * @throws ErrnoException EPERM, EOPNOTSUPP: the process cannot write such attributes
   */
  void markRoot(HostUpperLayer upper) throws ErrnoException {
    LayerRef root = upper.root();
    Stat stat = new Stat();
    if (upper.stat(root, stat) && upper.xattrOnDisk(root, attribute) == null) {
      write(upper, root, OverriddenStat.of(stat));
    }
  }

  /** As {@link UpperLayer#prepareNode}. */
  LayerRef prepareNode(HostUpperLayer upper, int type, int rdev) throws ErrnoException {
    LayerRef file = upper.prepareFile();
    try {
      Stat stat = new Stat();
      if (!upper.stat(file, stat)) {
        throw ErrnoException.of(Errno.ESTALE);
      }
      OverriddenStat plain = OverriddenStat.of(stat);
      write(upper, file, plain.withType(type, Linux.major(rdev), Linux.minor(rdev)));
      return file;
    } catch (Throwable e) {
      upper.discard(file);
      throw e;
    }
  }

  /** As {@link UpperLayer#chown}. */
  void chown(HostUpperLayer upper, LayerRef object, int uid, int gid) throws ErrnoException {
    lock.lock();
    try {
      Stat stat = inode(upper, object);
      if (!mayCarry(stat)) {
        chownInode(upper, object, stat, uid, gid);
        return;
      }
      boolean isFile = stat.isRegular();
      show(upper, object, stat);
      if (isFile && upper.xattrOnDisk(object, CAPABILITY) != null) {
        upper.removeXattr(object, CAPABILITY); // chown(2) also removes it, and first
      }
      write(upper, object, OverriddenStat.of(stat).withOwner(uid, gid));
    } finally {
      lock.unlock();
    }
  }

  private static void chownInode(HostUpperLayer upper, LayerRef object, Stat stat, int uid, int gid)
      throws ErrnoException {
    try {
      upper.chownInode(object, uid, gid);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.EPERM || !stat.isSymlink()) {
        throw e;
      }
    }
  }

  /** As {@link UpperLayer#chmod}. */
  void chmod(HostUpperLayer upper, LayerRef object, int mode) throws ErrnoException {
    lock.lock();
    try {
      Stat stat = inode(upper, object);
      if (!mayCarry(stat)) {
        upper.chmodInode(object, mode);
        return;
      }
      show(upper, object, stat);
      write(upper, object, OverriddenStat.of(stat).withMode(mode));
    } finally {
      lock.unlock();
    }
  }

  private static Stat inode(HostUpperLayer upper, LayerRef object) throws ErrnoException {
    Stat stat = new Stat();
    if (!upper.statInode(object, stat)) {
      throw ErrnoException.of(Errno.ESTALE);
    }
    return stat;
  }

  private void write(HostUpperLayer upper, LayerRef object, OverriddenStat value)
      throws ErrnoException {
    upper.setXattrOnDisk(object, attribute, value.encode(), 0);
  }

  /** Whether the layer hides an attribute of this name. */
  static boolean hides(byte[] shown) {
    return Arrays.equals(shown, ACL_ACCESS) || Arrays.equals(shown, ACL_DEFAULT);
  }

  /** The name on disk for a name that the layer shows. */
  byte[] onDisk(byte[] shown) {
    return levels(shown) < 0 ? shown : deeper(shown);
  }

  /** The names that the layer shows, each with a final NUL. */
  byte[] shown(byte[] namesOnDisk) throws ErrnoException {
    ByteArrayOutputStream shown = new ByteArrayOutputStream(namesOnDisk.length);
    XattrSyscalls.forEachName(
        namesOnDisk,
        name -> {
          int levels = levels(name);
          if (levels != 0 && !hides(name)) {
            shown.writeBytes(levels < 0 ? name : shallower(name));
            shown.write(0);
          }
        });
    return shown.toByteArray();
  }

  /**
   * How many times {@link #DEEPER} was inserted into the name of the attribute; -1 if this is
   * another name.
   */
  private int levels(byte[] name) {
    int extra = name.length - attribute.length;
    if (extra < 0
        || extra % DEEPER.length != 0
        || !Arrays.equals(name, 0, namespace, attribute, 0, namespace)
        || !Arrays.equals(
            name, namespace + extra, name.length, attribute, namespace, attribute.length)) {
      return -1;
    }
    for (int at = namespace; at < namespace + extra; at += DEEPER.length) {
      if (!Arrays.equals(name, at, at + DEEPER.length, DEEPER, 0, DEEPER.length)) {
        return -1;
      }
    }
    return extra / DEEPER.length;
  }

  private byte[] deeper(byte[] name) {
    ByteArrayOutputStream longer = new ByteArrayOutputStream(name.length + DEEPER.length);
    longer.write(name, 0, namespace);
    longer.writeBytes(DEEPER);
    longer.write(name, namespace, name.length - namespace);
    return longer.toByteArray();
  }

  private byte[] shallower(byte[] name) {
    ByteArrayOutputStream shorter = new ByteArrayOutputStream(name.length);
    shorter.write(name, 0, namespace);
    int rest = namespace + DEEPER.length;
    shorter.write(name, rest, name.length - rest);
    return shorter.toByteArray();
  }
}
