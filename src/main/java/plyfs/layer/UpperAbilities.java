package plyfs.layer;

import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Getdents;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.Stat;

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
   * Tries, in the workdir, and leaves the layer with the form of whiteouts that it can make.
   *
   * @param asked how deletions are to be stored
   * @throws MountRefusedException it cannot hold what was asked for; {@link WhiteoutForm#CHAR} asks
   *     for attributes, too
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
                ? "deletions as files .wh.NAME"
                : "deletions, neither as character devices 0:0 nor as files .wh.NAME",
            errno);
      }
    }
    int errno = attributes ? 0 : tryOpaqueFile(upper, directory);
    if (errno != 0) {
      throw refused(
          path, "opaque directories, neither by an attribute nor by a file .wh..wh..opq", errno);
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
      throw refused(path, "deletions", errno);
    }
    if (asked == WhiteoutForm.CHAR) {
      throw cannotStore(
          path,
          "deletions as character devices 0:0",
          "; or mount with whiteout=auto and aufs=on, which may store files",
          errno);
    }
    return WhiteoutForm.FILE;
  }

  private static MountRefusedException refused(byte[] path, String what, int errno) {
    return isFailure(errno)
        ? new MountRefusedException(
            "upper directory "
                + Name.printable(path)
                + ": could not try what it can store: "
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
            + ": take a directory of another one, not of a union mount"
            + otherwise
            + " ("
            + Errno.name(errno)
            + ")");
  }

  /** Whether an error says nothing of what the file system can hold. */
  private static boolean isFailure(int errno) {
    return errno == Errno.ENOSPC
        || errno == Errno.EDQUOT
        || errno == Errno.EIO
        || errno == Errno.EROFS
        || errno == Errno.EACCES
        || Errno.isShortage(errno);
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
            + ": its file system takes no extended attributes "
            + marks
            + ", which opaque directories need: "
            + Errno.describe(errno));
  }

  /** Error number, 0 if marks can be made. */
  private static int tryMark(UpperLayer upper, LayerRef directory, OverlayXattr marks) {
    try {
      upper.setXattr(directory, marks.opaque(), OverlayXattr.yes(), 0);
      return 0;
    } catch (ErrnoException e) {
      return e.errno();
    }
  }

  /** Error number, 0 if whiteouts can be made, are there then, and change places with an object. */
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

  /** Error number, 0 if files {@code .wh.NAME} can be made, are listed then, and can be removed. */
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

  /** Error number, 0 if a file can mark a directory as opaque. */
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
