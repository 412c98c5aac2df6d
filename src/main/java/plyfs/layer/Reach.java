package plyfs.layer;

import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;

/**
 * How the directories of a layer are reached.
 *
 * @param resolve {@code RESOLVE_*} for each step; 0 if no mount can be inside
 * @param noatime whether to open files with O_NOATIME, because the mount updates access times
 */
record Reach(int resolve, boolean noatime) {
  /** A private clone without access time updates, or that of the upper layer. */
  static final Reach CLONE = new Reach(0, false);

  /**
   * A private clone with access time updates: a user namespace inherited the flags of the mount.
   */
  static final Reach CLONE_WITH_ATIME = new Reach(0, true);

  private static final int WITHIN = Linux.RESOLVE_NO_XDEV | Linux.RESOLVE_NO_MAGICLINKS;

  /** A mount that other processes see; a mount inside it gives EXDEV. */
  static final Reach SHARED = new Reach(WITHIN, true);

  /** As {@link #SHARED}, for the upper layer, whose access times are updated. */
  static final Reach SHARED_UPPER = new Reach(WITHIN, false);

  /** Opens one name below a directory, without following symbolic links. */
  Fd open(Fd directory, byte[] name, int flags) throws ErrnoException {
    return resolve == 0
        ? Fd.openat(directory, name, flags | Linux.O_NOFOLLOW, 0)
        : Fd.openat2(directory, name, flags | Linux.O_NOFOLLOW, 0, resolve);
  }
}
