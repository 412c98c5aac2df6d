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
 * Holds the upper directory and the workdir of a mount against a second one, whichever of its
 * directories either is, and in whatever namespace. An flock(2) of the directory leaves nothing on
 * disk, and goes with the daemon, however that ends.
 */
final class DirectoryLocks implements AutoCloseable {
  private final List<Fd> held = new ArrayList<>();
  private final Patience patience = new Patience();

  private DirectoryLocks() {}

  /**
   * Locks both. What is in use is waited for.
   *
   * @param pair through the private clone, so that the locks keep nobody from unmounting the file
   *     system when the mount is gone
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
                + " is in use by another mount: unmount that first, or take another "
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
