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
 * Where a directory is.
 *
 * @param what of the mount it is, for people
 * @param given its path as it was given
 * @param real where it is seen
 * @param device {@code MAJOR:MINOR} of the file system; empty where the mount table does not tell
 * @param path within the file system, whatever mount leads there
 */
record LayerPlace(String what, byte[] given, byte[] real, String device, byte[] path, Stat stat) {
  /**
   * The place of a directory.
   *
   * @param mounts all that this process sees
   * @throws ErrnoException ENOENT, ENOTDIR, EACCES
   */
  static LayerPlace of(List<MountEntry> mounts, String what, byte[] given) throws ErrnoException {
    try (Fd fd = Fd.open(given, Linux.O_PATH | Linux.O_DIRECTORY)) {
      Stat stat = new Stat();
      ErrnoException.check(Syscalls.statx(fd, Syscalls.SELF, stat));
      return inFileSystem(mounts, what, given, Syscalls.realPath(fd), stat);
    }
  }

  /** The path of a directory from the root of its file system; where unknown, from that of all. */
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
      return root; // the mount's own root
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

  /** Whether this lies below another directory, of the file system or of all that is seen. */
  boolean isInside(LayerPlace outer) {
    return device.equals(outer.device) && contains(outer.path, path) || contains(outer.real, real);
  }

  /** As a message names it. */
  String describe() {
    return what + " " + Name.printable(given);
  }

  /** Whether a path leads below another one. */
  static boolean contains(byte[] outer, byte[] inner) {
    return inner.length > outer.length
        && Arrays.equals(outer, 0, outer.length, inner, 0, outer.length)
        && (outer.length == 1 || inner[outer.length] == '/');
  }

  /**
   * Orders by path within the file system, with the slash below every other byte: a directory
   * stands right before what it contains.
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
