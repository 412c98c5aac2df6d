package plyfs.union;

import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerFile;
import plyfs.layer.LayerRef;
import plyfs.layer.OverlayXattr;
import plyfs.layer.UpperLayer;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.FlagsForm;
import plyfs.sys.Stat;

/**
 * Takes the flags of chattr(1) along in a copy-up: A and S as they are, i and a as the protattr
 * mark.
 *
 * @implNote Linux fs/overlayfs/copy_up.c, ovl_copy_fileattr
 */
final class FlagCopy {
  private static final int COPIED = FlagsForm.SYNC | FlagsForm.NOATIME;

  private final OverlayXattr marks;

  FlagCopy(OverlayXattr marks) {
    this.marks = marks;
  }

  /** Copies the flags of a lower object to a prepared one. */
  void copy(CopyUpFiles files, Stat source, UpperLayer layer, LayerRef prepared)
      throws ErrnoException {
    int protection = Protection.of(source);
    if (protection != Protection.NONE) {
      layer.setXattr(prepared, marks.protattr(), Protection.encode(protection), 0);
    }
    if (!source.isRegular() && !source.isDirectory()) {
      return;
    }
    byte[] from = flagsOf(files);
    if (from == null || (FlagsForm.FLAGS.flagsOf(from) & COPIED) == 0) {
      return;
    }
    try (LayerFile file = layer.open(prepared)) {
      byte[] to = file.flags(FlagsForm.FLAGS);
      int wanted = FlagsForm.FLAGS.flagsOf(to) & ~COPIED | FlagsForm.FLAGS.flagsOf(from) & COPIED;
      file.setFlags(FlagsForm.FLAGS, FlagsForm.FLAGS.withFlags(to, wanted));
    } catch (ErrnoException e) {
      if (!isUnsupported(e)) {
        throw e;
      }
    }
  }

  private static byte @Nullable [] flagsOf(CopyUpFiles files) throws ErrnoException {
    try {
      return files.lower().flags(FlagsForm.FLAGS);
    } catch (ErrnoException e) {
      if (!isUnsupported(e)) {
        throw e;
      }
      return null;
    }
  }

  /** EINVAL comes from file systems that pass on what they do not know. */
  private static boolean isUnsupported(ErrnoException e) {
    return e.errno() == Errno.ENOTTY
        || e.errno() == Errno.EOPNOTSUPP
        || e.errno() == Errno.EINVAL
        || e.errno() == Errno.ENOSYS;
  }
}
