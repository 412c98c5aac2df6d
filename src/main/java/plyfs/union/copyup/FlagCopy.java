package plyfs.union.copyup;

import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerFile;
import plyfs.layer.LayerRef;
import plyfs.layer.OverlayXattr;
import plyfs.layer.UpperLayer;
import plyfs.sys.ErrnoException;
import plyfs.sys.FlagsForm;
import plyfs.sys.Stat;
import plyfs.union.mark.LowerProtection;
import plyfs.union.mark.Protection;

/**
 * Takes the flags of chattr(1) along in a copy-up: A and S as they are, i and a as the protattr
 * mark.
 *
 * @implNote Linux fs/overlayfs/copy_up.c, ovl_copy_fileattr
 */
public final class FlagCopy {
  private static final int COPIED = FlagsForm.SYNC | FlagsForm.NOATIME;

  private final OverlayXattr marks;

  FlagCopy(OverlayXattr marks) {
    this.marks = marks;
  }

  /** Copies the flags of a lower object to a prepared one. */
  void copy(CopyUpJob job, CopyUpFiles files, LayerRef prepared) throws ErrnoException {
    Stat source = job.source();
    UpperLayer layer = job.layer();
    boolean hasFlags = source.isRegular() || source.isDirectory();
    byte[] from = hasFlags ? flagsOf(files) : null;
    int protection = LowerProtection.of(job.lower().layer(), from, Protection.of(source));
    if (protection != Protection.NONE) {
      layer.setXattr(prepared, marks.protattr(), Protection.encode(protection), 0);
    }
    if (from == null || (FlagsForm.FLAGS.flagsOf(from) & COPIED) == 0) {
      return;
    }
    try (LayerFile file = layer.open(prepared)) {
      byte[] to = file.flags(FlagsForm.FLAGS);
      int wanted = FlagsForm.FLAGS.flagsOf(to) & ~COPIED | FlagsForm.FLAGS.flagsOf(from) & COPIED;
      file.setFlags(FlagsForm.FLAGS, FlagsForm.FLAGS.withFlags(to, wanted));
    } catch (ErrnoException e) {
      if (!LowerProtection.isUnsupported(e)) {
        throw e;
      }
    }
  }

  private static byte @Nullable [] flagsOf(CopyUpFiles files) throws ErrnoException {
    try {
      return LowerProtection.flagsOf(files.lower());
    } catch (ErrnoException e) {
      if (!LowerProtection.isUnsupported(e)) {
        throw e;
      }
      return null; // a layer in memory has no directory to open
    }
  }
}
