package plyfs.daemon;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import plyfs.sys.ErrnoException;
import plyfs.sys.Loggers;
import plyfs.sys.MountSyscalls;

/**
 * Has the kernel's table of the process's descriptors be large before the first file is opened for
 * somebody who waits. The table grows by doubling, and in a process with threads each time waits
 * until every processor has passed a point of rest: measured 6 to 25 ms at the 64th, 128th, 256th,
 * ... descriptor, in the middle of a request.
 *
 * @implNote {@code fs/file.c expand_fdtable}, which calls {@code synchronize_rcu}; requests that
 *     need no place beyond the old table go on meanwhile
 */
final class DescriptorTable {
  private static final Logger LOG = Loggers.named("plyfs.daemon");

  private DescriptorTable() {}

  /**
   * Lets it grow, in a thread of its own: the start goes on meanwhile.
   *
   * @param wanted how many are likely to be open one day; a place takes 8 bytes of the kernel's
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
      LOG.log(Level.DEBUG, "no room for {0} descriptors ahead: {1}", descriptors, e.getMessage());
    }
  }
}
