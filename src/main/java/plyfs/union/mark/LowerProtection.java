package plyfs.union.mark;

import org.jspecify.annotations.Nullable;
import plyfs.layer.Layer;
import plyfs.layer.LayerFile;
import plyfs.layer.LayerRef;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.FlagsForm;

/**
 * What protects a lower object. Of a file or a directory FS_IOC_GETFLAGS says it; where there is no
 * such answer, statx(2) does, unless it says so of every object of the file system.
 */
public final class LowerProtection {
  private LowerProtection() {}

  /**
   * {@link Protection} bits of a lower object.
   *
   * @param hasFlags whether it is a regular file or a directory
   * @param reported what statx(2) says
   */
  public static int of(LayerRef lower, boolean hasFlags, int reported) throws ErrnoException {
    if (reported == Protection.NONE) {
      return Protection.NONE;
    }
    if (!hasFlags) {
      return of(lower.layer(), null, reported);
    }
    try (LayerFile file = lower.layer().open(lower)) {
      return of(lower.layer(), flagsOf(file), reported);
    } catch (ErrnoException e) {
      if (e.errno() == Errno.EACCES || e.errno() == Errno.EPERM) {
        return reported; // not readable for a daemon without privilege, which cannot copy it either
      }
      throw e;
    }
  }

  /**
   * {@link Protection} bits of a lower object.
   *
   * @param flags a value of {@link FlagsForm#FLAGS}; null where it has none
   * @param reported what statx(2) says
   */
  public static int of(Layer layer, byte @Nullable [] flags, int reported) {
    if (flags != null) {
      return Protection.of(FlagsForm.FLAGS, flags) & reported;
    }
    return layer.overstatesFlags() ? Protection.NONE : reported;
  }

  /** Flags of an open file or directory; null where its file system has none. */
  public static byte @Nullable [] flagsOf(LayerFile file) throws ErrnoException {
    try {
      return file.flags(FlagsForm.FLAGS);
    } catch (ErrnoException e) {
      if (!isUnsupported(e)) {
        throw e;
      }
      return null;
    }
  }

  /** EINVAL comes from file systems that pass on what they do not know. */
  public static boolean isUnsupported(ErrnoException e) {
    return e.errno() == Errno.ENOTTY
        || e.errno() == Errno.EOPNOTSUPP
        || e.errno() == Errno.EINVAL
        || e.errno() == Errno.ENOSYS;
  }
}
