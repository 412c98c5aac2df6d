package plyfs.copy;

import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Getdents;
import plyfs.sys.Linux;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;

/**
 * Brings what the kernel holds of a mount's files, written and not yet sent to the daemon, into the
 * upper directory: with {@code writeback=1} all writes, and always what programs wrote through
 * mmap(2). It opens and closes each file that the upper directory has, through the mount.
 *
 * @implNote a close writes dirty pages and times and waits for them: Linux fs/fuse/file.c,
 *     fuse_flush. syncfs(2) starts the same, but waits for nothing: fs/fs-writeback.c,
 *     wait_sb_inodes passes over FUSE. fsync(2) would make each file durable, which nobody needs
 *     here, and take milliseconds
 */
public final class MountFlush {
  private static final int DIRECTORY = Linux.O_RDONLY | Linux.O_DIRECTORY | Linux.O_NOFOLLOW;
  private static final int FILE = Linux.O_RDONLY | Linux.O_NOFOLLOW | Linux.O_NONBLOCK;

  private MountFlush() {}

  /**
   * Flushes.
   *
   * @param mountpoint where the mount is
   * @param upper its upper directory
   */
  public static void run(byte[] mountpoint, byte[] upper) throws ErrnoException {
    try (Fd shown = Fd.open(mountpoint, DIRECTORY);
        Fd stored = Fd.open(upper, DIRECTORY)) {
      directory(shown, stored);
    }
  }

  private static void directory(Fd shown, Fd stored) throws ErrnoException {
    Stat stat = new Stat();
    for (byte[] name : new Getdents().names(stored)) {
      int found = Syscalls.statx(stored, name, stat);
      if (found < 0 || !stat.isRegular() && !stat.isDirectory()) {
        continue; // removed meanwhile, or without data
      }
      int flags = stat.isRegular() ? FILE : DIRECTORY;
      try (Fd object = Fd.openat(shown, name, flags, 0)) {
        if (stat.isDirectory()) {
          try (Fd below = Fd.openat(stored, name, DIRECTORY, 0)) {
            directory(object, below);
          }
        }
      } catch (ErrnoException e) {
        if (!isGone(e)) {
          throw e;
        }
      }
    }
  }

  /** Removed or replaced meanwhile, or a mark. */
  private static boolean isGone(ErrnoException e) {
    return e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR || e.errno() == Errno.ELOOP;
  }
}
