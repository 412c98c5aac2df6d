package plyfs.layer;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Getdents;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.Syscalls;

/**
 * Removes objects from the workdir: what was taken out of the upper tree, and what a crash left
 * behind.
 */
final class WorkdirSweep {
  private static final Logger LOG = System.getLogger("plyfs.layer");
  private static final byte[] DOT = {'.'};

  private final HostLayer layer;

  WorkdirSweep(HostLayer layer) {
    this.layer = layer;
  }

  /**
   * Removes an object of the workdir, with all that is in it. What cannot be removed is harmless
   * and goes at the next mount, so a failure is logged, not thrown.
   */
  void remove(LayerRef work, Name name) {
    try {
      Fd at = layer.directories.acquire(work);
      try {
        removeTree(at, name.bytes());
      } finally {
        work.release();
      }
    } catch (ErrnoException e) {
      LOG.log(Level.WARNING, "cannot remove {0} from the workdir now: {1}", name, e.getMessage());
    }
  }

  /**
   * Removes an object and, if it is a directory, what it holds. Depth is that of a tree in a
   * workdir: small.
   */
  static void removeTree(Fd directory, byte[] name) throws ErrnoException {
    int result = Syscalls.unlinkat(directory, name, 0);
    if (result == 0 || result == -Errno.ENOENT) {
      return;
    }
    if (result != -Errno.EISDIR) {
      throw ErrnoException.of(-result);
    }
    if (Syscalls.unlinkat(directory, name, Linux.AT_REMOVEDIR) == 0) {
      return;
    }
    try (Fd inner =
        Fd.openat(directory, name, Linux.O_RDONLY | Linux.O_DIRECTORY | Linux.O_NOFOLLOW, 0)) {
      empty(inner);
    }
    ErrnoException.check(Syscalls.unlinkat(directory, name, Linux.AT_REMOVEDIR));
  }

  /** Removes all that a directory holds; it is open for reading. */
  static void empty(Fd directory) throws ErrnoException {
    List<byte[]> names = new ArrayList<>();
    try (Fd listing = Fd.openat(directory, DOT, Linux.O_RDONLY | Linux.O_DIRECTORY, 0)) {
      Getdents entries = new Getdents();
      while (entries.advance(listing)) {
        names.add(entries.name());
      }
    }
    for (byte[] name : names) {
      removeTree(directory, name);
    }
  }
}
