package plyfs.cli;

import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.MountSyscalls;

/** Waits for the processes behind mounts. */
final class ProcessEnd {
  private static final int NO_LIMIT = -1;

  private ProcessEnd() {}

  /** Waits until a process has ended; returns at once if there is none. */
  static void await(int pid) throws ErrnoException {
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
