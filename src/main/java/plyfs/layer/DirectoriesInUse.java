package plyfs.layer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.sys.ErrnoException;
import plyfs.sys.MountEntry;
import plyfs.sys.Name;

/**
 * Refuses an upper directory or workdir that is, contains, or lies inside a directory that another
 * mount changes; and layers that must not change and lie inside such a directory. The class reads
 * the kernel's overlays from the mount table, and the Plyfs mounts from their published state.
 * {@link DirectoryLocks} also detects the use of the same directory, by any mount.
 *
 * @implNote Linux fs/overlayfs/super.c, ovl_check_layer and ovl_report_in_use; without an index the
 *     kernel only warns
 */
final class DirectoriesInUse {
  private final List<ChangedDirectory> ofOverlays;
  private final ChangesElsewhere elsewhere;

  DirectoriesInUse(List<MountEntry> mounts, ChangesElsewhere elsewhere) {
    this.ofOverlays = ofOverlays(mounts);
    this.elsewhere = elsewhere;
  }

  /**
   * Refuses the layers in such a case. Waits for a Plyfs mount that is just ending.
   *
   * @param changed the directories that the new mount changes
   * @param fixed the directories that no other mount may change
   * @throws MountRefusedException EBUSY
   */
  void refuse(List<LayerPlace> changed, List<LayerPlace> fixed) throws MountRefusedException {
    refuseIfAny(conflict(ofOverlays, changed, fixed));
    Patience patience = new Patience();
    String conflict = conflict(elsewhere.now(), changed, fixed);
    while (conflict != null && patience.pause()) {
      conflict = conflict(elsewhere.now(), changed, fixed);
    }
    refuseIfAny(conflict);
  }

  private static void refuseIfAny(@Nullable String conflict) throws MountRefusedException {
    if (conflict != null) {
      throw new MountRefusedException(conflict);
    }
  }

  private static @Nullable String conflict(
      List<ChangedDirectory> used, List<LayerPlace> changed, List<LayerPlace> fixed) {
    for (ChangedDirectory other : used) {
      for (LayerPlace place : changed) {
        String relation = other.isInside(place) ? " contains the " : relation(other, place);
        if (relation != null) {
          return place.describe() + relation + other.what() + ": unmount that mount first (EBUSY)";
        }
      }
      for (LayerPlace place : fixed) {
        String relation = relation(other, place);
        if (relation != null) {
          return place.describe()
              + relation
              + other.what()
              + ", which changes it: unmount that mount first, or use index=off (EBUSY)";
        }
      }
    }
    return null;
  }

  private static @Nullable String relation(ChangedDirectory other, LayerPlace place) {
    if (other.is(place)) {
      return " is the ";
    }
    return other.contains(place) ? " lies inside the " : null;
  }

  private static List<ChangedDirectory> ofOverlays(List<MountEntry> mounts) {
    List<ChangedDirectory> all = new ArrayList<>();
    for (MountEntry mount : mounts) {
      if (mount.type().equals("overlay")) {
        String by = " of the overlay mounted on " + Name.printable(mount.mountpoint());
        for (String key : List.of("upperdir", "workdir")) {
          byte[] path = mount.option(key);
          if (path != null) {
            add(all, mounts, key + by, path);
            byte[] plain = withoutEscapes(path);
            if (!Arrays.equals(path, plain)) {
              add(all, mounts, key + by, plain);
            }
          }
        }
      }
    }
    return all;
  }

  /**
   * Ignores a relative path and a path of another mount namespace, which cannot be resolved here.
   */
  private static void add(
      List<ChangedDirectory> all, List<MountEntry> mounts, String what, byte[] path) {
    if (path.length == 0 || path[0] != '/') {
      return;
    }
    try {
      all.add(ChangedDirectory.of(LayerPlace.of(mounts, what, path), what));
    } catch (ErrnoException e) {
      return; // it does not exist, or this process has no access
    }
  }

  /**
   * Removes backslashes: the mount table may show an option as it was given, with a backslash
   * before a comma or a colon.
   */
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
}
