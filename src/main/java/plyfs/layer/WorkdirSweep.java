package plyfs.layer;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Getdents;
import plyfs.sys.Linux;
import plyfs.sys.Loggers;
import plyfs.sys.Name;
import plyfs.sys.Syscalls;

/**
 * Removes objects from the workdir: those moved out of the upper tree, and those that a crash left
 * behind.
 */
final class WorkdirSweep {
  private static final Logger LOG = Loggers.named("plyfs.layer");

  /** Numbers the names of what moved up. */
  private static final AtomicLong MOVES = new AtomicLong();

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
      LOG.log(Level.WARNING, "cannot remove {0} from the workdir: {1}", name, e.getMessage());
    }
  }

  /**
   * Removes an object of a directory and, if it is a directory itself, what it holds, however deep:
   * a directory that is not empty moves up beside the object first, so neither stack nor
   * descriptors grow with the depth.
   */
  static void removeTree(Fd directory, byte[] name) throws ErrnoException {
    Deque<byte[]> waiting = new ArrayDeque<>();
    waiting.push(name);
    while (!waiting.isEmpty()) {
      byte[] next = waiting.pop();
      if (isRemoved(directory, next)) {
        continue;
      }
      try (Fd inner =
          Fd.openat(directory, next, Linux.O_RDONLY | Linux.O_DIRECTORY | Linux.O_NOFOLLOW, 0)) {
        for (byte[] each : names(inner)) {
          if (!isRemoved(inner, each)) {
            waiting.push(movedUp(inner, each, directory));
          }
        }
      }
      ErrnoException.check(Syscalls.unlinkat(directory, next, Linux.AT_REMOVEDIR));
    }
  }

  /** Removes a file or an empty directory; false for a directory that is not empty. */
  private static boolean isRemoved(Fd directory, byte[] name) throws ErrnoException {
    int result = Syscalls.unlinkat(directory, name, 0);
    if (result == -Errno.EISDIR) {
      result = Syscalls.unlinkat(directory, name, Linux.AT_REMOVEDIR);
    }
    if (result == -Errno.ENOTEMPTY || result == -Errno.EEXIST) {
      return false;
    }
    if (result != -Errno.ENOENT) {
      ErrnoException.check(result);
    }
    return true;
  }

  private static byte[] movedUp(Fd from, byte[] name, Fd to) throws ErrnoException {
    while (true) {
      byte[] moved = ("#sweep" + MOVES.incrementAndGet()).getBytes(US_ASCII);
      int result = FreeName.rename(from, name, to, moved);
      if (result != -Errno.EEXIST) {
        ErrnoException.check(result);
        return moved;
      }
    }
  }

  /** Removes all that a directory holds, which is open for reading and has not been read. */
  static void empty(Fd directory) throws ErrnoException {
    for (byte[] name : names(directory)) {
      removeTree(directory, name);
    }
  }

  /**
   * Names in a directory that is open for reading and has not been read, {@code .} and {@code ..}
   * left out.
   */
  static List<byte[]> names(Fd directory) throws ErrnoException {
    List<byte[]> names = new ArrayList<>();
    Getdents entries = new Getdents();
    while (entries.advance(directory)) {
      names.add(entries.name());
    }
    return names;
  }
}
