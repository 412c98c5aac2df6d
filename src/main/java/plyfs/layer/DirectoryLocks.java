package plyfs.layer;

import java.util.ArrayList;
import java.util.List;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.Syscalls;

/**
 * Locks the upper directory and the workdir of a mount, so that no second mount can use either of
 * them in either role, in any mount namespace. The locks are flock(2) locks of the directories:
 * they leave nothing on disk, and end with the daemon in any case.
 */
final class DirectoryLocks implements AutoCloseable {
  private final List<Fd> held = new ArrayList<>();
  private final Patience patience = new Patience();

  private DirectoryLocks() {}

  /**
   * Locks both. Waits for a while if a directory is in use.
   *
   * @param pair the directories in the private clone, so that a lock does not prevent unmounting
   *     the file system after the mount has ended
   * @throws MountRefusedException EBUSY, or a directory that cannot be locked
   */
  static DirectoryLocks of(CommonMount.Pair pair, byte[] upperPath, byte[] workPath)
      throws MountRefusedException {
    DirectoryLocks locks = new DirectoryLocks();
    try {
      locks.lock("upper directory", pair.upper(), upperPath);
      locks.lock("workdir", pair.work(), workPath);
      return locks;
    } catch (Throwable e) {
      locks.close();
      throw e;
    }
  }

  private void lock(String what, Fd directory, byte[] path) throws MountRefusedException {
    try {
      Fd fd = Syscalls.reopen(directory, Linux.O_RDONLY | Linux.O_DIRECTORY);
      held.add(fd);
      int result = FileSyscalls.flock(fd, Linux.LOCK_EX | Linux.LOCK_NB);
      while (result == -Errno.EAGAIN && patience.pause()) {
        result = FileSyscalls.flock(fd, Linux.LOCK_EX | Linux.LOCK_NB);
      }
      if (result == -Errno.EAGAIN) {
        throw new MountRefusedException(
            what
                + " "
                + Name.printable(path)
                + " is in use by another mount: unmount that mount first, or use another "
                + what
                + " (EBUSY)");
      }
      ErrnoException.check(result);
    } catch (ErrnoException e) {
      throw LayerStack.refused(what, path, e);
    }
  }

  @Override
  public void close() {
    held.forEach(Fd::close);
  }
}
