package plyfs.cli;

import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.MountSyscalls;

/** Waits for the end of processes that serve mounts. */
final class ProcessEnd {
  static final int NO_LIMIT = -1;

  private ProcessEnd() {}

  /**
   * Waits until a process has ended.
   *
   * @param milliseconds or {@link #NO_LIMIT}
   * @return whether the process has ended or does not exist
   */
  static boolean await(int pid, int milliseconds) throws ErrnoException {
    try (Fd process = MountSyscalls.processDescriptor(pid)) {
      boolean ended = MountSyscalls.awaitReadable(process, milliseconds);
      while (!ended && milliseconds == NO_LIMIT) {
        ended = MountSyscalls.awaitReadable(process, milliseconds);
      }
      return ended;
    } catch (ErrnoException e) {
      if (e.errno() != Errno.ESRCH) {
        throw e;
      }
      return true;
    }
  }
}
