package plyfs.layer;

import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Getdents;
import plyfs.sys.Linux;
import plyfs.sys.Name;

/**
 * Tries in the workdir whether the upper file system can hold what a union writes: whiteouts and
 * marks.
 */
final class UpperAbilities {
  private static final byte[] DOT = {'.'};

  /** What the kernel's overlayfs writes. */
  static final Forms KERNEL_FORMS = new Forms(WhiteoutForm.CHAR, true);

  private UpperAbilities() {}

  /**
   * How marks are stored.
   *
   * @param whiteouts not {@link WhiteoutForm#AUTO}
   * @param attributeMarks whether the others are extended attributes
   */
  record Forms(WhiteoutForm whiteouts, boolean attributeMarks) {}

  /**
   * Tries.
   *
   * @param asked how deletions are to be stored
   * @throws MountRefusedException it cannot hold what was asked for; {@link WhiteoutForm#CHAR} asks
   *     for attributes, too
   */
  static Forms check(UpperLayer upper, byte[] path, OverlayXattr marks, WhiteoutForm asked)
      throws MountRefusedException {
    try {
      LayerRef directory = upper.prepareDirectory();
      try {
        boolean attributes = takesMarks(upper, directory, path, marks, asked);
        if (asked == WhiteoutForm.FILE) {
          return new Forms(WhiteoutForm.FILE, attributes);
        }
        int errno = tryWhiteout(upper, directory);
        if (errno == 0) {
          return new Forms(WhiteoutForm.CHAR, attributes);
        }
        if (asked == WhiteoutForm.AUTO && isRefusal(errno)) {
          return new Forms(WhiteoutForm.FILE, attributes);
        }
        throw new MountRefusedException(
            "upper directory "
                + Name.printable(path)
                + ": whiteouts (character device 0:0) cannot be made there: "
                + Errno.describe(errno));
      } finally {
        upper.discard(directory);
      }
    } catch (ErrnoException e) {
      throw LayerStack.refused("upper directory", path, e);
    }
  }

  private static boolean isRefusal(int errno) {
    return errno == Errno.EPERM || errno == Errno.EOPNOTSUPP || errno == Errno.EINVAL;
  }

  /**
   * Refuses a file system whose listings do not say what is a directory (XFS made with ftype=0,
   * ext4 without filetype): the kernel's overlayfs refuses it too, and could not read the upper.
   *
   * @param workdir holds at least one entry
   */
  static void requireEntryTypes(Fd workdir, byte[] path)
      throws MountRefusedException, ErrnoException {
    try (Fd listing = Fd.openat(workdir, DOT, Linux.O_RDONLY | Linux.O_DIRECTORY, 0)) {
      Getdents entries = new Getdents();
      while (entries.advance(listing)) {
        if (entries.type() == Linux.DT_UNKNOWN) {
          throw new MountRefusedException(
              "workdir "
                  + Name.printable(path)
                  + ": its file system does not tell the types of directory entries (d_type):"
                  + " take one that does, or make it anew with ftype=1 or filetype (EINVAL)");
        }
      }
    }
  }

  /** Marks the upper directory as one with overrides, if it is to be one. */
  static void tryOverride(HostUpperLayer upper, byte[] path) throws MountRefusedException {
    StatOverride override = upper.override;
    if (override == null) {
      return;
    }
    try {
      override.markRoot(upper);
    } catch (ErrnoException e) {
      throw new MountRefusedException(
          "upper directory "
              + Name.printable(path)
              + ": the attribute "
              + override
              + " that xattr_permissions asks for cannot be written there: "
              + Errno.describe(e.errno()));
    }
  }

  private static boolean takesMarks(
      UpperLayer upper, LayerRef directory, byte[] path, OverlayXattr marks, WhiteoutForm asked)
      throws MountRefusedException {
    try {
      upper.setXattr(directory, marks.opaque(), OverlayXattr.yes(), 0);
      return true;
    } catch (ErrnoException e) {
      if (asked != WhiteoutForm.CHAR && isRefusal(e.errno())) {
        return false;
      }
      throw new MountRefusedException(
          "upper directory "
              + Name.printable(path)
              + ": its file system takes no extended attributes "
              + marks
              + ", which opaque directories need: "
              + Errno.describe(e.errno()));
    }
  }

  /** Error number, 0 if whiteouts can be made. */
  private static int tryWhiteout(UpperLayer upper, LayerRef directory) {
    try {
      LayerRef moved = upper.prepareFile();
      upper.publish(moved, directory, Name.of("from"));
      upper.move(moved, directory, Name.of("to"), Linux.RENAME_WHITEOUT);
      upper.whiteout(directory, Name.of("whiteout"));
      return 0;
    } catch (ErrnoException e) {
      return e.errno();
    }
  }
}
