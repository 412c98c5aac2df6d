package plyfs.daemon;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import plyfs.sys.ErrnoException;
import plyfs.sys.Loggers;
import plyfs.sys.MountSyscalls;

/**
 * Enlarges the kernel's descriptor table of the process before a request opens the first file. The
 * table grows by doubling. In a process with threads, each growth waits for an RCU grace period:
 * measured 6 to 25 ms at the 64th, 128th, 256th, ... descriptor, in the middle of a request.
 *
 * @implNote {@code fs/file.c expand_fdtable}, which calls {@code synchronize_rcu}; requests that
 *     need no place beyond the old table go on meanwhile
 */
final class DescriptorTable {
  private static final Logger LOG = Loggers.named("plyfs.daemon");

  private DescriptorTable() {}

  /**
   * Starts a thread that enlarges the table, so that the start of the mount does not wait.
   *
   * @param wanted how many descriptors the mount will probably open; each takes 8 bytes of kernel
   *     memory
   * @param limit the process's limit, RLIMIT_NOFILE
   */
  static Thread growFor(int wanted, long limit) {
    int descriptors = (int) Math.min(wanted, limit);
    Thread thread = new Thread(() -> grow(descriptors), "plyfs-descriptors");
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  private static void grow(int descriptors) {
    try {
      MountSyscalls.growDescriptorTable(descriptors);
    } catch (ErrnoException e) {
      LOG.log(
          Level.DEBUG,
          "cannot reserve {0} descriptors in advance: {1}",
          descriptors,
          e.getMessage());
    }
  }
}
