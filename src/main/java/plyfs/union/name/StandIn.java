package plyfs.union.name;

import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerRef;
import plyfs.layer.UpperLayer;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Stat;
import plyfs.union.copyup.UpperMarks;
import plyfs.union.copyup.XattrCopy;
import plyfs.union.node.BestEffort;
import plyfs.union.node.Node;

/**
 * Takes the place of an upper directory that shows no entry but holds whiteouts, over which nothing
 * can be renamed: an empty opaque directory with the same attributes, which shows the same. The
 * directory itself waits in the workdir, so that a move that fails can be undone.
 *
 * @implNote Linux fs/overlayfs/dir.c, ovl_clear_empty
 */
public final class StandIn {
  private final UpperLayer layer;
  private final LayerRef empty;
  private final LayerRef replaced;

  private StandIn(UpperLayer layer, LayerRef empty, LayerRef replaced) {
    this.layer = layer;
    this.empty = empty;
    this.replaced = replaced;
  }

  /**
   * Puts one in place; null if the target is no directory, or really empty. Caller holds dirLock of
   * the target and of its parent, and calls {@link #removeReplaced} or {@link #undo}.
   *
   * @throws ErrnoException EXDEV where marks are not attributes
   */
  static @Nullable StandIn ifNeeded(
      UpperLayer layer,
      UpperMarks upperMarks,
      XattrCopy xattrCopy,
      @Nullable Node target,
      LayerRef replaced)
      throws ErrnoException {
    if (target == null || !target.isDirectory() || isReallyEmpty(layer, replaced)) {
      return null;
    }
    if (!upperMarks.areAttributes()) {
      throw ErrnoException.of(Errno.EXDEV); // an opaque directory would not be empty
    }
    Stat stat = new Stat();
    if (!layer.stat(replaced, stat)) {
      throw ErrnoException.of(Errno.ESTALE);
    }
    LayerRef empty = layer.prepareDirectory();
    try {
      layer.chown(empty, stat.uid(), stat.gid());
      layer.chmod(empty, stat.mode());
      xattrCopy.copy(layer, replaced, empty, true);
      upperMarks.makeOpaque(layer, empty);
      layer.setTimes(
          empty, stat.atimeSeconds(), stat.atimeNanos(), stat.mtimeSeconds(), stat.mtimeNanos());
      layer.exchange(empty, replaced);
    } catch (Throwable e) {
      layer.discard(empty);
      throw e;
    }
    return new StandIn(layer, empty, replaced);
  }

  private static boolean isReallyEmpty(UpperLayer layer, LayerRef directory) throws ErrnoException {
    boolean[] empty = {true};
    layer.list(directory, (name, type, ino) -> empty[0] = false);
    return empty[0];
  }

  /** Called after the move: removes the replaced directory, which stays reachable for its opens. */
  void removeReplaced() {
    LayerRef.Place place = replaced.place();
    BestEffort.run(() -> layer.keep(replaced), "keep a directory that was replaced");
    if (place != null) {
      BestEffort.run(
          () -> layer.removeDirectory(place.directory(), place.name()),
          "remove a directory that was replaced from the workdir");
    }
  }

  /** Called after a move that failed: restores the replaced directory. */
  void undo() {
    BestEffort.run(
        () -> {
          layer.exchange(replaced, empty);
          layer.discard(empty);
        },
        "put an empty directory back in its place");
  }
}
