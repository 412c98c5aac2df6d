package plyfs.union.copyup;

import plyfs.layer.AufsNames;
import plyfs.layer.LayerRef;
import plyfs.layer.LayerStack;
import plyfs.layer.OverlayXattr;
import plyfs.layer.UpperLayer;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Stat;
import plyfs.union.api.InodeNumbering;
import plyfs.union.api.UnionOptions;
import plyfs.union.node.BestEffort;
import plyfs.union.node.Directory;

/**
 * Writes marks in the upper layer, as its file system can hold them: as attributes, or, where it
 * takes none, an opaque directory with a file {@code .wh..wh..opq} in it, and the others not at
 * all.
 */
public final class UpperMarks {

  private final OverlayXattr marks;
  private final boolean areAttributes;
  private final boolean marksNewDirectories;

  public UpperMarks(LayerStack stack, UnionOptions options) {
    this.marks = stack.marks();
    this.areAttributes = stack.hasAttributeMarks();
    this.marksNewDirectories = areAttributes && !mayLowersChange(stack, options);
  }

  /**
   * Whether this mount leaves no mark that forbids changes of its lower layers while it is not
   * mounted.
   *
   * @implNote Linux fs/overlayfs/ovl_entry.h, ovl_allow_offline_changes
   */
  private static boolean mayLowersChange(LayerStack stack, UnionOptions options) {
    return !stack.hasIndex()
        && !options.metacopy()
        && !options.redirectDirectories()
        && options.numbering() != InodeNumbering.ON;
  }

  /**
   * Whether a new directory is marked opaque although nothing lies below it, which spares later
   * mounts the search there.
   *
   * @param parent where it is made
   */
  public boolean areDueOnNewDirectory(Directory parent) {
    return marksNewDirectories && parent.lowers.length > 0;
  }

  /**
   * Marks a new directory that hides nothing. Nothing is lost without the mark, so it may fail.
   *
   * @implNote Linux fs/overlayfs/dir.c, ovl_create_upper
   */
  public void markNewDirectory(UpperLayer layer, LayerRef directory) {
    BestEffort.run(
        () -> makeOpaque(layer, directory), "mark a new directory, below which nothing lies");
  }

  /** Whether marks are attributes; else an opaque directory is never really empty. */
  public boolean areAttributes() {
    return areAttributes;
  }

  /**
   * Makes a directory hide what lies below it. Caller holds its dirLock if others know it and marks
   * are no attributes: the time of the directory is put back.
   */
  public void makeOpaque(UpperLayer layer, LayerRef directory) throws ErrnoException {
    if (areAttributes) {
      layer.setXattr(directory, marks.opaque(), OverlayXattr.yes(), 0);
      return;
    }
    Stat stat = new Stat();
    if (!layer.stat(directory, stat)) {
      throw ErrnoException.of(Errno.ESTALE);
    }
    LayerRef mark = layer.prepareFile();
    boolean isPublished = false;
    try {
      layer.chmod(mark, 0);
      layer.publish(mark, directory, AufsNames.OPAQUE);
      isPublished = true;
    } catch (ErrnoException e) {
      if (e.errno() != Errno.EEXIST) {
        throw e;
      }
    } finally {
      if (!isPublished) {
        layer.discard(mark);
      }
    }
    if (isPublished) {
      layer.forget(mark);
    }
    CopyUpCommit.restoreTimes(layer, directory, stat);
  }

  /**
   * Tells what an object was copied from. Not on links, devices and the like in the user namespace,
   * where they can have no attributes.
   *
   * @param type {@code S_IF*}
   * @implNote Linux fs/overlayfs/copy_up.c, ovl_set_origin_fh, ignores EPERM for the same reason
   */
  void setOrigin(UpperLayer layer, LayerRef object, int type, byte[] origin) throws ErrnoException {
    if (areAttributes && marks.canBeOn(type)) {
      layer.setXattr(object, marks.origin(), origin, 0);
    }
  }

  /**
   * Marks a directory as holding something with an origin, before it does. Caller holds its
   * dirLock.
   */
  public void markImpure(UpperLayer layer, Directory directory, LayerRef ref)
      throws ErrnoException {
    if (!directory.impure) {
      if (areAttributes) {
        layer.setXattr(ref, marks.impure(), OverlayXattr.yes(), 0);
      }
      directory.impure = true;
    }
  }
}
