package plyfs.layer;

import java.util.ArrayList;
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
 * Refuses layers that are the same directory, or one inside another, also where a bind mount leads
 * to them; and an upper directory or workdir that a mounted overlay of the kernel's changes.
 */
final class LayerOverlap {
  private final List<MountEntry> mounts;
  private final List<Place> places = new ArrayList<>();

  private LayerOverlap(List<MountEntry> mounts) {
    this.mounts = mounts;
  }

  /**
   * One directory.
   *
   * @param real where it is seen
   * @param device of the file system
   * @param path within the file system, whatever mount leads there
   */
  private record Place(
      String what, byte[] given, byte[] real, String device, byte[] path, Stat stat) {
    boolean isSame(Place other) {
      return isSame(other.stat) || device.equals(other.device) && Arrays.equals(path, other.path);
    }

    boolean isSame(Stat other) {
      return stat.dev() == other.dev() && stat.ino() == other.ino();
    }
  }

  static void check(MountPlan plan) throws MountRefusedException {
    LayerOverlap overlap = new LayerOverlap(mounts());
    List<Place> changed = new ArrayList<>();
    if (plan.upper() != null) {
      changed.add(overlap.add("upper directory", plan.upper()));
    }
    if (plan.work() != null) {
      changed.add(overlap.add("workdir", plan.work()));
    }
    for (byte[] lower : plan.lowers()) {
      overlap.add("lower directory", lower);
    }
    for (byte[] layer : plan.dataOnly()) {
      overlap.add("data-only directory", layer);
    }
    overlap.refuseOverlap();
    for (Place place : changed) {
      overlap.refuseIfOfAnOverlay(place);
    }
  }

  /**
   * Checks layers that are reached through the mounts that everybody sees: nothing may be mounted
   * inside, and neither they nor the mount point may lie in the other.
   */
  static void checkShared(MountPlan plan, byte[] mountpoint) throws MountRefusedException {
    LayerOverlap overlap = new LayerOverlap(mounts());
    Place point = overlap.add("mount point", mountpoint);
    overlap.places.clear();
    if (plan.upper() != null) {
      overlap.add("upper directory", plan.upper());
    }
    for (byte[] lower : plan.lowers()) {
      overlap.add("lower directory", lower);
    }
    for (Place place : overlap.places) {
      if (place.isSame(point) || isInside(place, point) || isInside(point, place)) {
        throw new MountRefusedException(
            describe(place)
                + (isInside(point, place) ? " holds the " : " is, or lies inside, the ")
                + describe(point)
                + ", and without CAP_SYS_ADMIN the daemon would wait for itself: take another mount"
                + " point (ELOOP)");
      }
      overlap.refuseMountsInside(place);
    }
  }

  private static boolean isInside(Place inner, Place outer) {
    return inner.device().equals(outer.device()) && contains(outer.path(), inner.path())
        || contains(outer.real(), inner.real());
  }

  /** The directory that is covered cannot be shown, and what covers it is no part of the layer. */
  private void refuseMountsInside(Place place) throws MountRefusedException {
    for (MountEntry mount : mounts) {
      if (contains(place.real(), mount.mountpoint())) {
        throw new MountRefusedException(
            describe(place)
                + " has another file system mounted inside, on "
                + Name.printable(mount.mountpoint())
                + ", which only CAP_SYS_ADMIN can leave out: unmount it, or take another directory"
                + " (EXDEV)");
      }
    }
  }

  private static List<MountEntry> mounts() throws MountRefusedException {
    try {
      return MountEntry.all();
    } catch (ErrnoException e) {
      throw new MountRefusedException(
          "cannot read /proc/self/mountinfo, which says where the layers are: "
              + e.getMessage()
              + "; is /proc mounted?");
    }
  }

  private Place add(String what, byte[] path) throws MountRefusedException {
    try (Fd fd = Fd.open(path, Linux.O_PATH | Linux.O_DIRECTORY)) {
      Stat stat = new Stat();
      ErrnoException.check(Syscalls.statx(fd, Syscalls.SELF, stat));
      Place place = inFileSystem(what, path, Syscalls.realPath(fd), stat);
      places.add(place);
      return place;
    } catch (ErrnoException e) {
      throw LayerStack.refused(what, path, e);
    }
  }

  /** The path of a directory from the root of its file system; where unknown, from that of all. */
  private Place inFileSystem(String what, byte[] given, byte[] real, Stat stat) {
    for (MountEntry mount : mounts) {
      byte[] point = mount.mountpoint();
      if (mount.id() == stat.mountId() && (Arrays.equals(point, real) || contains(point, real))) {
        byte[] below = Arrays.copyOfRange(real, point.length == 1 ? 0 : point.length, real.length);
        return new Place(what, given, real, mount.device(), join(mount.root(), below), stat);
      }
    }
    return new Place(what, given, real, "", real, stat);
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

  private void refuseOverlap() throws MountRefusedException {
    // Sorted by path, with the slash below every other byte, a directory stands right before what
    // it contains.
    places.sort(LayerOverlap::compare);
    for (int i = 1; i < places.size(); i++) {
      Place outer = places.get(i - 1);
      Place inner = places.get(i);
      if (inner.isSame(outer)) {
        throw same(inner, outer);
      }
      if (inner.device().equals(outer.device()) && contains(outer.path(), inner.path())) {
        throw new MountRefusedException(
            describe(inner) + " lies inside " + describe(outer) + " (ELOOP)");
      }
    }
    refuseTwins();
  }

  /** The same directory by its inode alone, should the mount table not tell. */
  private void refuseTwins() throws MountRefusedException {
    List<Place> byInode = new ArrayList<>(places);
    byInode.sort(
        (a, b) ->
            a.stat().dev() != b.stat().dev()
                ? Long.compare(a.stat().dev(), b.stat().dev())
                : Long.compare(a.stat().ino(), b.stat().ino()));
    for (int i = 1; i < byInode.size(); i++) {
      if (byInode.get(i).isSame(byInode.get(i - 1))) {
        throw same(byInode.get(i), byInode.get(i - 1));
      }
    }
  }

  private static MountRefusedException same(Place one, Place other) {
    return new MountRefusedException(
        describe(one) + " is the same directory as " + describe(other) + " (EINVAL)");
  }

  private void refuseIfOfAnOverlay(Place place) throws MountRefusedException {
    for (MountEntry mount : mounts) {
      if (!mount.type().equals("overlay")) {
        continue;
      }
      for (String key : List.of("upperdir", "workdir")) {
        byte[] path = mount.option(key);
        if (path != null && (leadsTo(path, place) || leadsTo(withoutEscapes(path), place))) {
          throw new MountRefusedException(
              describe(place)
                  + " is the "
                  + key
                  + " of the overlay mounted on "
                  + Name.printable(mount.mountpoint())
                  + ": unmount that first (EBUSY)");
        }
      }
    }
  }

  /** A relative path, or one of another mount namespace, cannot be followed from here. */
  private static boolean leadsTo(byte[] path, Place place) {
    Stat stat = new Stat();
    return path.length > 0
        && path[0] == '/'
        && Syscalls.statxFollowing(Fd.CWD, path, stat) == 0
        && place.isSame(stat);
  }

  /** An overlay may show its option as it was given: with a backslash before a comma or a colon. */
  private static byte[] withoutEscapes(byte[] path) {
    byte[] plain = new byte[path.length];
    int length = 0;
    for (int i = 0; i < path.length; i++) {
      if (path[i] == '\\' && i + 1 < path.length) {
        i++;
      }
      plain[length++] = path[i];
    }
    return Arrays.copyOf(plain, length);
  }

  private static String describe(Place place) {
    return place.what() + " " + Name.printable(place.given());
  }

  private static int compare(Place a, Place b) {
    int devices = a.device().compareTo(b.device());
    return devices != 0 ? devices : compare(a.path(), b.path());
  }

  private static int compare(byte[] a, byte[] b) {
    for (int i = 0; i < a.length && i < b.length; i++) {
      if (a[i] != b[i]) {
        return a[i] == '/' ? -1 : b[i] == '/' ? 1 : Integer.compare(a[i] & 0xff, b[i] & 0xff);
      }
    }
    return Integer.compare(a.length, b.length);
  }

  private static boolean contains(byte[] outer, byte[] inner) {
    return inner.length > outer.length
        && Arrays.equals(outer, 0, outer.length, inner, 0, outer.length)
        && (outer.length == 1 || inner[outer.length] == '/');
  }
}
