package plyfs.layer;

import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;

/**
 * By what way the directories of a layer are reached.
 *
 * @param resolve {@code RESOLVE_*} of each step; 0 where nothing can be mounted inside
 * @param noatime whether files are opened with O_NOATIME, because the mount does not keep access
 *     times still
 */
record Reach(int resolve, boolean noatime) {
  /** A private clone of the mount that keeps access times still, or the one of the upper layer. */
  static final Reach CLONE = new Reach(0, false);

  /** A private clone that may not: a user namespace inherited the mount with its access times. */
  static final Reach CLONE_WITH_ATIME = new Reach(0, true);

  private static final int WITHIN = Linux.RESOLVE_NO_XDEV | Linux.RESOLVE_NO_MAGICLINKS;

  /** The mount that everybody sees: what is mounted inside gives EXDEV. */
  static final Reach SHARED = new Reach(WITHIN, true);

  /** As {@link #SHARED}, for the upper layer, whose access times are its own. */
  static final Reach SHARED_UPPER = new Reach(WITHIN, false);

  /** Opens one name below a directory, never through a symbolic link. */
  Fd open(Fd directory, byte[] name, int flags) throws ErrnoException {
    return resolve == 0
        ? Fd.openat(directory, name, flags | Linux.O_NOFOLLOW, 0)
        : Fd.openat2(directory, name, flags | Linux.O_NOFOLLOW, 0, resolve);
  }
}
