package plyfs.layer;

import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Getdents;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.Stat;

/**
 * Tests in the workdir whether the upper file system can store the objects that a union writes:
 * whiteouts and marks.
 */
final class UpperAbilities {
  private static final byte[] DOT = {'.'};

  /** The forms of the kernel's overlayfs. */
  static final Forms KERNEL_FORMS = new Forms(WhiteoutForm.CHAR, true);

  private UpperAbilities() {}

  /**
   * The forms of marks.
   *
   * @param whiteouts not {@link WhiteoutForm#AUTO}
   * @param attributeMarks whether marks other than whiteouts are extended attributes
   */
  record Forms(WhiteoutForm whiteouts, boolean attributeMarks) {}

  /**
   * Tests the abilities in the workdir and sets the form of whiteouts of the layer.
   *
   * @param asked the requested form of whiteouts
   * @throws MountRefusedException the file system cannot store the requested form; {@link
   *     WhiteoutForm#CHAR} needs attributes, too
   */
  static Forms check(HostUpperLayer upper, byte[] path, OverlayXattr marks, WhiteoutForm asked)
      throws MountRefusedException {
    try {
      LayerRef directory = upper.prepareDirectory();
      try {
        return choose(upper, directory, path, marks, asked);
      } finally {
        upper.discard(directory);
      }
    } catch (ErrnoException e) {
      throw LayerStack.refused("upper directory", path, e);
    }
  }

  private static Forms choose(
      HostUpperLayer upper, LayerRef directory, byte[] path, OverlayXattr marks, WhiteoutForm asked)
      throws MountRefusedException, ErrnoException {
    boolean attributes = takesMarks(upper, directory, path, marks, asked);
    WhiteoutForm form =
        asked == WhiteoutForm.FILE ? asked : deviceOrFile(upper, directory, path, asked);
    if (form == WhiteoutForm.FILE) {
      upper.storeWhiteoutsAsFiles();
      int errno = tryFile(upper, directory);
      if (errno != 0) {
        throw refused(
            path,
            form == asked
                ? "whiteouts as files .wh.NAME"
                : "whiteouts, neither as character devices 0:0 nor as files .wh.NAME",
            errno);
      }
    }
    int errno = attributes ? 0 : tryOpaqueFile(upper, directory);
    if (errno != 0) {
      throw refused(
          path,
          "opaque directories, neither with an attribute nor with a file .wh..wh..opq",
          errno);
    }
    return new Forms(form, attributes);
  }

  private static WhiteoutForm deviceOrFile(
      HostUpperLayer upper, LayerRef directory, byte[] path, WhiteoutForm asked)
      throws MountRefusedException {
    int errno = tryDevice(upper, directory);
    if (errno == 0) {
      return WhiteoutForm.CHAR;
    }
    if (isFailure(errno)) {
      throw refused(path, "whiteouts", errno);
    }
    if (asked == WhiteoutForm.CHAR) {
      throw cannotStore(
          path,
          "whiteouts as character devices 0:0",
          ", or mount with whiteout=auto and aufs=on, which can store whiteouts as files",
          errno);
    }
    return WhiteoutForm.FILE;
  }

  private static MountRefusedException refused(byte[] path, String what, int errno) {
    return isFailure(errno)
        ? new MountRefusedException(
            "upper directory "
                + Name.printable(path)
                + ": cannot test what its file system can store: "
                + Errno.describe(errno))
        : cannotStore(path, what, "", errno);
  }

  private static MountRefusedException cannotStore(
      byte[] path, String what, String otherwise, int errno) {
    return new MountRefusedException(
        "upper directory "
            + Name.printable(path)
            + ": its file system cannot store "
            + what
            + ": use a directory on another file system that is not a union mount"
            + otherwise
            + " ("
            + Errno.name(errno)
            + ")");
  }

  /** Whether an error tells nothing about the abilities of the file system. */
  private static boolean isFailure(int errno) {
    return errno == Errno.ENOSPC
        || errno == Errno.EDQUOT
        || errno == Errno.EIO
        || errno == Errno.EROFS
        || errno == Errno.EACCES
        || Errno.isShortage(errno);
  }

  /**
   * Refuses a file system whose listings do not report which entries are directories (XFS with
   * ftype=0, ext4 without filetype). The kernel's overlayfs refuses it too, and could not read the
   * upper directory.
   *
   * @param workdir contains at least one entry
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
                  + ": its file system does not report the types of directory entries (d_type): use"
                  + " another file system, or create it again with ftype=1 (XFS) or filetype (ext4)"
                  + " (EINVAL)");
        }
      }
    }
  }

  /** Marks the upper directory as one with overrides, if the mount uses them. */
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
              + ": cannot write the attribute "
              + override
              + ", which xattr_permissions needs: "
              + Errno.describe(e.errno()));
    }
  }

  private static boolean takesMarks(
      UpperLayer upper, LayerRef directory, byte[] path, OverlayXattr marks, WhiteoutForm asked)
      throws MountRefusedException {
    int errno = tryMark(upper, directory, marks);
    if (errno == 0) {
      return true;
    }
    if (asked != WhiteoutForm.CHAR && !isFailure(errno)) {
      return false;
    }
    throw new MountRefusedException(
        "upper directory "
            + Name.printable(path)
            + ": its file system does not support the attributes "
            + marks
            + ", which opaque directories need: "
            + Errno.describe(errno));
  }

  /** Tests attribute marks; returns 0 or an error number. */
  private static int tryMark(UpperLayer upper, LayerRef directory, OverlayXattr marks) {
    try {
      upper.setXattr(directory, marks.opaque(), OverlayXattr.yes(), 0);
      return 0;
    } catch (ErrnoException e) {
      return e.errno();
    }
  }

  /**
   * Tests whether whiteouts can be made, exist afterwards, and can be exchanged with an object;
   * returns 0 or an error number.
   */
  private static int tryDevice(UpperLayer upper, LayerRef directory) {
    try {
      LayerRef moved = upper.prepareFile();
      upper.publish(moved, directory, Name.of("from"));
      upper.move(moved, directory, Name.of("to"), Linux.RENAME_WHITEOUT);
      upper.whiteout(directory, Name.of("whiteout"));
      LayerRef whiteout = new LayerRef(directory, Name.of("whiteout"));
      Stat stat = new Stat();
      boolean isThere = upper.stat(whiteout, stat) && stat.isWhiteout();
      if (!isThere) {
        return Errno.EINVAL;
      }
      upper.exchange(moved, whiteout);
      return 0;
    } catch (ErrnoException e) {
      return e.errno();
    }
  }

  /**
   * Tests whether files {@code .wh.NAME} can be made, are listed afterwards, and can be removed;
   * returns 0 or an error number.
   */
  private static int tryFile(HostUpperLayer upper, LayerRef directory) {
    try {
      upper.whiteout(directory, Name.of("deleted"));
      Marks listed = new Marks();
      upper.list(directory, listed);
      if (listed.count != 1) {
        return Errno.EINVAL;
      }
      upper.unlink(directory, AufsNames.markOf(Name.of("deleted")));
      return 0;
    } catch (ErrnoException e) {
      return e.errno();
    }
  }

  /** Tests whether a file can mark a directory as opaque; returns 0 or an error number. */
  private static int tryOpaqueFile(HostUpperLayer upper, LayerRef directory) {
    try {
      Name name = AufsNames.OPAQUE;
      upper.publish(upper.prepareFile(), directory, name);
      return upper.stat(new LayerRef(directory, name), new Stat()) ? 0 : Errno.EINVAL;
    } catch (ErrnoException e) {
      return e.errno();
    }
  }

  /** Counts the names that begin with {@code .wh.}. */
  private static final class Marks implements DirVisitor {
    int count;

    @Override
    public void entry(byte[] name, int type, long ino) {
      count += AufsNames.isMark(Name.of(name)) ? 1 : 0;
    }
  }
}
