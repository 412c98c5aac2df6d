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

  private UpperAbilities() {}

  /**
   * Tries.
   *
   * @param asked how deletions are to be stored
   * @return how they are: not {@link WhiteoutForm#AUTO}
   * @throws MountRefusedException it cannot hold marks, or not the whiteouts that were asked for
   */
  static WhiteoutForm check(UpperLayer upper, byte[] path, OverlayXattr marks, WhiteoutForm asked)
      throws MountRefusedException {
    try {
      LayerRef directory = upper.prepareDirectory();
      try {
        tryMark(upper, directory, path, marks);
        if (asked == WhiteoutForm.FILE) {
          return WhiteoutForm.FILE;
        }
        int errno = tryWhiteout(upper, directory);
        if (errno == 0) {
          return WhiteoutForm.CHAR;
        }
        if (asked == WhiteoutForm.AUTO && isRefusal(errno)) {
          return WhiteoutForm.FILE;
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

  private static void tryMark(UpperLayer upper, LayerRef directory, byte[] path, OverlayXattr marks)
      throws MountRefusedException {
    try {
      upper.setXattr(directory, marks.opaque(), OverlayXattr.yes(), 0);
    } catch (ErrnoException e) {
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
