package plyfs.copy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;
import plyfs.image.tar.TarEntry;
import plyfs.image.tar.TarMember;
import plyfs.image.tar.Timestamp;
import plyfs.image.tree.EntryAttributes;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.Stat;

/** What objects of a file system become in a tar. */
final class Members {
  private Members() {}

  /**
   * An object as it is.
   *
   * @param target of a symbolic link; empty for other types
   */
  static TarMember of(Stat stat, byte[] path, byte[] target, SortedMap<String, byte[]> xattrs) {
    boolean isDevice = stat.type() == Linux.S_IFCHR || stat.type() == Linux.S_IFBLK;
    return new TarMember(
        type(stat),
        path,
        target,
        stat.mode() & 07777,
        stat.uid() & 0xffffffffL,
        stat.gid() & 0xffffffffL,
        mtime(stat),
        stat.isRegular() ? stat.size() : 0,
        isDevice ? stat.rdevMajor() : 0,
        isDevice ? stat.rdevMinor() : 0,
        xattrs);
  }

  /** One more name of an object. */
  static TarMember link(TarMember object, byte[] first) {
    return new TarMember(
        TarEntry.HARD_LINK,
        object.path(),
        first,
        object.mode(),
        object.uid(),
        object.gid(),
        object.mtime(),
        0,
        0,
        0,
        new TreeMap<>());
  }

  private static char type(Stat stat) {
    return switch (stat.type()) {
      case Linux.S_IFREG -> TarEntry.FILE;
      case Linux.S_IFDIR -> TarEntry.DIRECTORY;
      case Linux.S_IFLNK -> TarEntry.SYMLINK;
      case Linux.S_IFCHR -> TarEntry.CHARACTER_DEVICE;
      case Linux.S_IFBLK -> TarEntry.BLOCK_DEVICE;
      case Linux.S_IFIFO -> TarEntry.FIFO;
      default -> throw new IllegalArgumentException("not for a tar: type " + stat.type());
    };
  }

  static Timestamp mtime(Stat stat) {
    return new Timestamp(stat.mtimeSeconds(), stat.mtimeNanos());
  }

  /**
   * Whether an extended attribute belongs to the object and not to the machine that it is on, or to
   * a union file system.
   *
   * @implNote umoci leaves the same ones out, mutate/compress and oci/layer, "ignoreXattrs"; IMA's
   *     and EVM's values hold for one machine
   */
  static boolean isPortable(byte[] name) {
    String text = new String(name, ISO_8859_1);
    return !EntryAttributes.isMark(text)
        && !text.equals("security.selinux")
        && !text.equals("security.ima")
        && !text.equals("security.evm")
        && !text.equals("system.nfs4_acl");
  }

  /** The path of a name in a directory; the root is empty. */
  static byte[] child(byte[] directory, Name name) {
    if (directory.length == 0) {
      return name.bytes();
    }
    byte[] path = Arrays.copyOf(directory, directory.length + 1 + name.length());
    path[directory.length] = '/';
    System.arraycopy(name.bytes(), 0, path, directory.length + 1, name.length());
    return path;
  }
}
