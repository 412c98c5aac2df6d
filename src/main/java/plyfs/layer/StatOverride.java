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
 * Shows the objects of one layer with the owner, mode and type that an attribute of theirs says,
 * and makes changes of these there instead of in the inode. The inodes stay the daemon's own: a
 * regular file 0600 or a directory 0700, so that no other user of the machine gets at the data.
 *
 * <p>A device, FIFO or socket is made as a regular file that is shown as one. A symbolic link
 * cannot carry an attribute of the user's namespace: its owner is set in the inode where the
 * process may do that, and stays the daemon's where it may not.
 *
 * <p>The attribute itself is not seen through the layer. A user's attribute of that name is stored
 * one level deeper, {@code user.containers.overlay.override_stat}, so nobody can forge it. POSIX
 * ACLs are not there either: as part of the mode of an inode they would decide what the daemon
 * itself may do.
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

  /** Held over reading and writing one value. */
  private final RankedLock lock = new RankedLock(RANK);

  private final OverrideAttribute kind;
  private final byte[] attribute;

  /** Length of the name up to its last dot, the dot included. */
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

  /** For a lower layer; null if nothing is overridden. Its root says which attribute it uses. */
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

  /** For an upper layer; null if nothing is overridden. One begun with the old name goes on so. */
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

  /** Makes the attributes of an object say what is to be shown. */
  void show(HostLayer layer, LayerRef object, Stat stat) throws ErrnoException {
    if (mayCarry(stat)) {
      byte[] value = layer.xattrOnDisk(object, attribute);
      if (value != null) {
        OverriddenStat.parse(value).show(stat);
      }
    }
  }

  /** As {@link #show}, of an object that is open. */
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

  /** The type, {@code DT_*}, that an entry of a directory is shown with. */
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
      return type; // gone, unreadable or malformed: the lookup of that name says so
    }
  }

  /**
   * Makes the root of an upper layer tell, to this and other programs, that the layer has
   * overrides.
   *
   * @throws ErrnoException EPERM, EOPNOTSUPP: such attributes cannot be written
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
        upper.removeXattr(object, CAPABILITY); // chown(2) takes it away, too, and first
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

  /** Whether the layer shows no attribute of that name. */
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

  /** How often {@link #DEEPER} was put into the attribute's name; -1 if this is another name. */
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
