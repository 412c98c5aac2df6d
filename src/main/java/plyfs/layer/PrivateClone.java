package plyfs.layer;

import org.jspecify.annotations.Nullable;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.MountSyscalls;
import plyfs.sys.Syscalls;

/**
 * Private clones of mounts, which need CAP_SYS_ADMIN in the user namespace that owns the mounts.
 *
 * @implNote Linux fs/namespace.c: in a user namespace that inherited the mounts,
 *     has_locked_children refuses to clone a mount that contains another mount (EINVAL), and
 *     can_change_locked_flags refuses a change of the access time flags (EPERM)
 */
final class PrivateClone {
  private PrivateClone() {}

  /** A clone of the mount at a directory; null if it is not permitted. */
  static @Nullable Fd of(Fd directory) throws ErrnoException {
    try {
      return MountSyscalls.cloneMount(directory, Syscalls.SELF);
    } catch (ErrnoException e) {
      if (!isRefusal(e)) {
        throw e;
      }
      return null;
    }
  }

  private static boolean isRefusal(ErrnoException e) {
    return e.errno() == Errno.EPERM || e.errno() == Errno.ENOSYS || e.errno() == Errno.EINVAL;
  }

  /**
   * Makes a clone read-only, and disables its access time updates if that is permitted.
   *
   * @param ownedOnFailure closed if it cannot be made read-only
   */
  static Reach makeReadOnly(Fd ownedOnFailure) throws ErrnoException {
    int result =
        MountSyscalls.setMountAttributes(
            ownedOnFailure,
            Linux.MOUNT_ATTR_RDONLY | Linux.MOUNT_ATTR_NOATIME,
            Linux.MOUNT_ATTR__ATIME);
    if (result == 0) {
      return Reach.CLONE;
    }
    if (result == -Errno.EPERM) {
      result = MountSyscalls.setMountAttributes(ownedOnFailure, Linux.MOUNT_ATTR_RDONLY, 0);
    }
    if (result == -Errno.ENOSYS) {
      return Reach.CLONE_WITH_ATIME; // before Linux 5.12
    }
    if (result < 0) {
      ownedOnFailure.close();
      throw ErrnoException.of(-result);
    }
    return Reach.CLONE_WITH_ATIME;
  }

  /** Disables the access time updates of a clone, if that is permitted. */
  static Reach keepAccessTimes(Fd clone) throws ErrnoException {
    int result =
        MountSyscalls.setMountAttributes(clone, Linux.MOUNT_ATTR_NOATIME, Linux.MOUNT_ATTR__ATIME);
    if (result == -Errno.EPERM || result == -Errno.ENOSYS) {
      return Reach.CLONE_WITH_ATIME;
    }
    ErrnoException.check(result);
    return Reach.CLONE;
  }
}
