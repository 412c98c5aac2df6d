package plyfs.layer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.Syscalls;

/** Refuses layers that are the same directory, or one inside another. */
final class LayerOverlap {
  private LayerOverlap() {}

  private record Place(String what, byte[] given, byte[] real) {}

  static void check(MountPlan plan) throws MountRefusedException {
    List<Place> places = new ArrayList<>();
    if (plan.upper() != null) {
      places.add(place("upper directory", plan.upper()));
    }
    if (plan.work() != null) {
      places.add(place("workdir", plan.work()));
    }
    for (byte[] lower : plan.lowers()) {
      places.add(place("lower directory", lower));
    }
    // Sorted by path, with the slash below every other byte, a directory stands right before what
    // it contains.
    places.sort((a, b) -> compare(a.real(), b.real()));
    for (int i = 1; i < places.size(); i++) {
      Place outer = places.get(i - 1);
      Place inner = places.get(i);
      if (Arrays.equals(outer.real(), inner.real())) {
        throw new MountRefusedException(
            describe(inner) + " is the same directory as " + describe(outer) + " (EINVAL)");
      }
      if (contains(outer.real(), inner.real())) {
        throw new MountRefusedException(
            describe(inner) + " lies inside " + describe(outer) + " (ELOOP)");
      }
    }
  }

  private static Place place(String what, byte[] path) throws MountRefusedException {
    try (Fd fd = Fd.open(path, Linux.O_PATH | Linux.O_DIRECTORY)) {
      return new Place(what, path, Syscalls.realPath(fd));
    } catch (ErrnoException e) {
      throw LayerStack.refused(what, path, e);
    }
  }

  private static String describe(Place place) {
    return place.what() + " " + Name.printable(place.given());
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
