package plyfs.layer;

import java.util.ArrayList;
import java.util.List;
import plyfs.sys.ErrnoException;
import plyfs.sys.MountEntry;
import plyfs.sys.Name;

/**
 * Refuses layers that are the same directory, or lie inside each other, also through bind mounts;
 * and everything that {@link DirectoriesInUse} refuses.
 */
final class LayerOverlap {
  private final List<MountEntry> mounts;
  private final List<LayerPlace> places = new ArrayList<>();

  private LayerOverlap(List<MountEntry> mounts) {
    this.mounts = mounts;
  }

  /**
   * Checks the layers of a plan.
   *
   * @param elsewhere lists the directories that other mounts change
   * @return the directories that this mount will change
   */
  static List<ChangedDirectory> check(MountPlan plan, ChangesElsewhere elsewhere)
      throws MountRefusedException {
    LayerOverlap overlap = new LayerOverlap(mounts());
    List<LayerPlace> changed = new ArrayList<>();
    if (plan.upper() != null) {
      changed.add(overlap.add("upper directory", plan.upper()));
    }
    if (plan.work() != null) {
      changed.add(overlap.add("workdir", plan.work()));
    }
    List<LayerPlace> fixed = new ArrayList<>();
    for (byte[] lower : plan.lowers()) {
      fixed.add(overlap.add("lower directory", lower));
    }
    for (byte[] layer : plan.dataOnly()) {
      fixed.add(overlap.add("data-only directory", layer));
    }
    overlap.refuseOverlap();
    if (changed.isEmpty()) {
      return List.of();
    }
    new DirectoriesInUse(overlap.mounts, elsewhere)
        .refuse(changed, plan.index() ? fixed : List.of());
    List<ChangedDirectory> own = new ArrayList<>();
    for (LayerPlace place : changed) {
      own.add(ChangedDirectory.of(place, place.what()));
    }
    return own;
  }

  /**
   * Checks layers that are reached through mounts that other processes see: no file system may be
   * mounted inside them, and neither may contain the mount point nor lie inside it.
   */
  static void checkShared(MountPlan plan, byte[] mountpoint) throws MountRefusedException {
    LayerOverlap overlap = new LayerOverlap(mounts());
    LayerPlace point = overlap.add("mount point", mountpoint);
    overlap.places.clear();
    if (plan.upper() != null) {
      overlap.add("upper directory", plan.upper());
    }
    for (byte[] lower : plan.lowers()) {
      overlap.add("lower directory", lower);
    }
    for (LayerPlace place : overlap.places) {
      if (place.isSame(point) || place.isInside(point) || point.isInside(place)) {
        throw new MountRefusedException(
            place.describe()
                + (point.isInside(place) ? " contains the " : " is or lies inside the ")
                + point.describe()
                + ", and without CAP_SYS_ADMIN the daemon would deadlock on its own mount: use"
                + " another mount point (ELOOP)");
      }
      overlap.refuseMountsInside(place);
    }
  }

  /**
   * Refuses a mounted file system inside a layer: the daemon cannot show the directory below it,
   * and the mounted file system is not part of the layer.
   */
  private void refuseMountsInside(LayerPlace place) throws MountRefusedException {
    for (MountEntry mount : mounts) {
      if (LayerPlace.contains(place.real(), mount.mountpoint())) {
        throw new MountRefusedException(
            place.describe()
                + " contains another mounted file system, on "
                + Name.printable(mount.mountpoint())
                + ", and only a daemon with CAP_SYS_ADMIN can leave it out: unmount it, or use"
                + " another directory (EXDEV)");
      }
    }
  }

  private static List<MountEntry> mounts() throws MountRefusedException {
    try {
      return MountEntry.all();
    } catch (ErrnoException e) {
      throw new MountRefusedException(
          "cannot read /proc/self/mountinfo, which locates the layers: "
              + e.getMessage()
              + "; is /proc mounted?");
    }
  }

  private LayerPlace add(String what, byte[] path) throws MountRefusedException {
    try {
      LayerPlace place = LayerPlace.of(mounts, what, path);
      places.add(place);
      return place;
    } catch (ErrnoException e) {
      throw LayerStack.refused(what, path, e);
    }
  }

  private void refuseOverlap() throws MountRefusedException {
    // In this order, with the slash below every other byte, a directory directly precedes its
    // content.
    places.sort(LayerPlace::compare);
    for (int i = 1; i < places.size(); i++) {
      LayerPlace outer = places.get(i - 1);
      LayerPlace inner = places.get(i);
      if (inner.isSame(outer)) {
        throw same(inner, outer);
      }
      if (inner.device().equals(outer.device())
          && LayerPlace.contains(outer.path(), inner.path())) {
        throw new MountRefusedException(
            inner.describe() + " lies inside " + outer.describe() + " (ELOOP)");
      }
    }
    refuseTwins();
  }

  /** Compares inodes too, in case the mount table lacks a mount. */
  private void refuseTwins() throws MountRefusedException {
    List<LayerPlace> byInode = new ArrayList<>(places);
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

  private static MountRefusedException same(LayerPlace one, LayerPlace other) {
    return new MountRefusedException(
        one.describe() + " is the same directory as " + other.describe() + " (EINVAL)");
  }
}
