package plyfs.layer;

import java.util.Arrays;
import java.util.List;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.MountEntry;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;

/**
 * The location of a directory.
 *
 * @param what its role in the mount, for a person
 * @param given its path as given
 * @param real its path without symbolic links
 * @param device {@code MAJOR:MINOR} of the file system; empty if the mount table does not contain
 *     it
 * @param path within the file system, independent of mounts
 */
record LayerPlace(String what, byte[] given, byte[] real, String device, byte[] path, Stat stat) {
  /**
   * Locates a directory.
   *
   * @param mounts all mounts that this process sees
   * @throws ErrnoException ENOENT, ENOTDIR, EACCES
   */
  static LayerPlace of(List<MountEntry> mounts, String what, byte[] given) throws ErrnoException {
    try (Fd fd = Fd.open(given, Linux.O_PATH | Linux.O_DIRECTORY)) {
      Stat stat = new Stat();
      ErrnoException.check(Syscalls.statx(fd, Syscalls.SELF, stat));
      return inFileSystem(mounts, what, given, Syscalls.realPath(fd), stat);
    }
  }

  /**
   * The path of a directory from the root of its file system, or its real path if that is unknown.
   */
  private static LayerPlace inFileSystem(
      List<MountEntry> mounts, String what, byte[] given, byte[] real, Stat stat) {
    for (MountEntry mount : mounts) {
      byte[] point = mount.mountpoint();
      if (mount.id() == stat.mountId() && (Arrays.equals(point, real) || contains(point, real))) {
        byte[] below = Arrays.copyOfRange(real, point.length == 1 ? 0 : point.length, real.length);
        return new LayerPlace(what, given, real, mount.device(), join(mount.root(), below), stat);
      }
    }
    return new LayerPlace(what, given, real, "", real, stat);
  }

  private static byte[] join(byte[] root, byte[] below) {
    if (below.length <= 1) {
      return root; // the root of the mount
    }
    if (root.length == 1) {
      return below;
    }
    byte[] joined = Arrays.copyOf(root, root.length + below.length);
    System.arraycopy(below, 0, joined, root.length, below.length);
    return joined;
  }

  boolean isSame(LayerPlace other) {
    return isSame(other.stat) || device.equals(other.device) && Arrays.equals(path, other.path);
  }

  boolean isSame(Stat other) {
    return stat.dev() == other.dev() && stat.ino() == other.ino();
  }

  /** Whether this directory lies below another one, in the file system or in the tree of mounts. */
  boolean isInside(LayerPlace outer) {
    return device.equals(outer.device) && contains(outer.path, path) || contains(outer.real, real);
  }

  /** The directory in a message. */
  String describe() {
    return what + " " + Name.printable(given);
  }

  /** Whether a path lies below another one. */
  static boolean contains(byte[] outer, byte[] inner) {
    return inner.length > outer.length
        && Arrays.equals(outer, 0, outer.length, inner, 0, outer.length)
        && (outer.length == 1 || inner[outer.length] == '/');
  }

  /**
   * Orders by path within the file system, with the slash below every other byte, so that a
   * directory directly precedes its content.
   */
  static int compare(LayerPlace a, LayerPlace b) {
    int devices = a.device.compareTo(b.device);
    return devices != 0 ? devices : compare(a.path, b.path);
  }

  private static int compare(byte[] a, byte[] b) {
    for (int i = 0; i < a.length && i < b.length; i++) {
      if (a[i] != b[i]) {
        return a[i] == '/' ? -1 : b[i] == '/' ? 1 : Integer.compare(a[i] & 0xff, b[i] & 0xff);
      }
    }
    return Integer.compare(a.length, b.length);
  }
}
