package plyfs.cli;

import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.MountSyscalls;

/** Takes mounts away, and waits for the processes behind them. */
final class Unmounting {
  private static final int NO_LIMIT = -1;

  private Unmounting() {}

  /**
   * Unmounts at once if nothing uses the mount, else as soon as nothing does.
   *
   * @return zero, or a negated error number
   */
  static int nowOrLater(byte[] mountpoint) {
    int result = MountSyscalls.umount(mountpoint, 0);
    return result == -Errno.EBUSY ? MountSyscalls.umount(mountpoint, Linux.MNT_DETACH) : result;
  }

  /** Waits until a process has ended; returns at once if there is none. */
  static void awaitEnd(int pid) throws ErrnoException {
    try (Fd process = MountSyscalls.processDescriptor(pid)) {
      boolean ended = false;
      while (!ended) {
        ended = MountSyscalls.awaitReadable(process, NO_LIMIT);
      }
    } catch (ErrnoException e) {
      if (e.errno() != Errno.ESRCH) {
        throw e;
      }
    }
  }
}
