package plyfs.image.tree;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import plyfs.image.model.BadImageException;
import plyfs.image.tar.TarEntry;
import plyfs.image.tar.Timestamp;
import plyfs.layer.OverlayXattr;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.MountSyscalls;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;
import plyfs.sys.XattrSyscalls;

/**
 * Gives unpacked objects their owner, mode, extended attributes and times, in this order: chown
 * clears setuid and {@code security.capability}, and chmod changes an ACL.
 *
 * <p>Attributes that mean something to a union file system are left out and counted: an archive
 * could forge opaque directories, redirects or whiteouts with them. Refusing such an archive would
 * be stricter, but honest ones carry them too, because builders pack directories that were overlay
 * layers.
 */
public final class EntryAttributes {
  /** Both namespaces, because the store may be mounted with either, and fuse-overlayfs's own. */
  private static final List<String> MARKS =
      List.of(OverlayXattr.TRUSTED.prefix(), OverlayXattr.USER.prefix(), "user.fuseoverlayfs.");

  private static final long MAX_ID = 0xfffffffeL;

  private final boolean privileged = MountSyscalls.effectiveUser() == 0;
  private int marksLeftOut;
  private int ownersLeftOut;
  private int xattrsLeftOut;
  private int devicesLeftOut;

  /** Whether owners and devices can be set, and so must be. */
  boolean isPrivileged() {
    return privileged;
  }

  /** All but the times. */
  void apply(Fd dir, byte[] path, TarEntry entry) throws ErrnoException, BadImageException {
    if (entry.uid > MAX_ID || entry.gid > MAX_ID) {
      throw new BadImageException(
          "owner " + entry.uid + ":" + entry.gid + " is larger than Linux allows");
    }
    own(dir, path, (int) entry.uid, (int) entry.gid);
    if (entry.type != TarEntry.SYMLINK) {
      ErrnoException.check(Syscalls.chmodat(dir, path, reachable(entry)));
    }
    for (Map.Entry<String, byte[]> xattr : entry.xattrs.entrySet()) {
      setXattr(dir, path, xattr.getKey(), xattr.getValue());
    }
  }

  private void own(Fd dir, byte[] path, int uid, int gid) throws ErrnoException {
    int owned = Syscalls.chownat(dir, path, uid, gid);
    if (owned == -Errno.EPERM && !privileged) {
      ownersLeftOut++;
    } else {
      ErrnoException.check(owned);
    }
  }

  /** As {@link #apply}, with what an object of a lower layer has. */
  void inherit(LowerTree.Found from, Fd dir, byte[] path) throws ErrnoException, BadImageException {
    Stat stat = from.stat();
    own(dir, path, stat.uid(), stat.gid());
    if (!stat.isSymlink()) {
      int reachable = stat.isDirectory() && !privileged ? 0700 : 0;
      ErrnoException.check(Syscalls.chmodat(dir, path, stat.mode() & 07777 | reachable));
    }
    for (Name name : LowerTree.xattrs(from)) {
      byte[] value = XattrSyscalls.get(from.layer(), from.path(), name.bytes());
      String text = new String(name.bytes(), ISO_8859_1);
      if (value != null && !isMark(text)) {
        setXattr(dir, path, text, value);
      }
    }
  }

  /** Counts a device node that only root of the machine could make. */
  void leaveOutDevice() {
    devicesLeftOut++;
  }

  /**
   * A directory must let us make what comes below it; {@link UnpackedTree#finish} sets the rest.
   */
  private int reachable(TarEntry entry) {
    return entry.isDirectory() && !privileged ? entry.mode | 0700 : entry.mode;
  }

  static void applyTimes(Fd dir, byte[] path, TarEntry entry) throws ErrnoException {
    ErrnoException.check(UnpackedTree.setTimes(dir, path, atime(entry), entry.mtime));
  }

  /** Access time, or the time of the last change where the archive does not say. */
  static Timestamp atime(TarEntry entry) {
    return entry.atime != null ? entry.atime : entry.mtime;
  }

  private void setXattr(Fd dir, byte[] path, String name, byte[] value)
      throws ErrnoException, BadImageException {
    if (isMark(name)) {
      marksLeftOut++;
      return;
    }
    if (value.length > Linux.XATTR_SIZE_MAX) {
      throw new BadImageException(
          "extended attribute '" + printable(name) + "' has " + value.length + " bytes");
    }
    int result = XattrSyscalls.set(dir, path, name.getBytes(ISO_8859_1), value, 0);
    boolean mayLack = !privileged || !name.startsWith("security.") && !name.startsWith("system.");
    if (mayLack && (result == -Errno.EPERM || result == -Errno.EOPNOTSUPP)) {
      xattrsLeftOut++;
    } else if (result < 0) {
      throw new BadImageException(
          "cannot set the extended attribute '"
              + printable(name)
              + "': "
              + Errno.describe(-result));
    }
  }

  /** Removes what an earlier entry of the same directory set. */
  static void clearXattrs(Fd dir, byte[] path) throws ErrnoException {
    XattrSyscalls.forEachName(
        XattrSyscalls.list(dir, path),
        name -> {
          if (!isMark(new String(name, ISO_8859_1))) {
            // Some, such as labels of a security module, cannot be removed and need not be.
            XattrSyscalls.remove(dir, path, name);
          }
        });
  }

  public static boolean isMark(String name) {
    return MARKS.stream().anyMatch(name::startsWith);
  }

  private static String printable(String name) {
    return Name.printable(name.getBytes(ISO_8859_1));
  }

  /** Sentences about what could not be kept, for the person who loads the image. */
  List<String> notices(String label) {
    return Stream.of(
            notice(label, marksLeftOut, "extended attributes that belong to union file systems"),
            notice(label, ownersLeftOut, "owners, which only root can set"),
            notice(label, devicesLeftOut, "device nodes, which only root of the machine can make"),
            notice(label, xattrsLeftOut, "extended attributes that are not possible here"))
        .filter(sentence -> !sentence.isEmpty())
        .toList();
  }

  private static String notice(String label, int count, String what) {
    return count == 0 ? "" : label + ": left out " + count + " " + what;
  }
}
