package plyfs.layer;

import java.util.Arrays;
import java.util.List;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Getdents;
import plyfs.sys.Linux;
import plyfs.sys.MountSyscalls;
import plyfs.sys.Syscalls;
import plyfs.sys.TreeRemover;

/**
 * The directory {@code index} of a workdir. Unlike {@code work} it survives from mount to mount.
 * Only objects that the kernel prepared in it are removed, because kernel overlayfs with an index
 * uses this directory as its work directory.
 *
 * @implNote Linux fs/overlayfs/super.c, ovl_workdir_create; readdir.c, ovl_indexdir_cleanup
 */
final class IndexDirectory {
  private static final byte[] INDEX = {'i', 'n', 'd', 'e', 'x'};
  private static final byte[] DOT = {'.'};

  private IndexDirectory() {}

  /** Path of the index for the path of a workdir. */
  static byte[] pathIn(byte[] workPath) {
    byte[] path = Arrays.copyOf(workPath, workPath.length + 1 + INDEX.length);
    path[workPath.length] = '/';
    System.arraycopy(INDEX, 0, path, workPath.length + 1, INDEX.length);
    return path;
  }

  /**
   * Opens the index with {@code O_PATH}, creates it if it does not exist, and removes prepared
   * objects.
   */
  static Fd open(Fd workdir, byte[] workPath) throws MountRefusedException {
    try {
      int made = Syscalls.mkdirat(workdir, INDEX, MountSyscalls.effectiveUser() == 0 ? 0 : 0700);
      ErrnoException.check(made == -Errno.EEXIST ? 0 : made);
      Fd index = Fd.openat(workdir, INDEX, Linux.O_PATH | Linux.O_DIRECTORY | Linux.O_NOFOLLOW, 0);
      try (Fd listing = Fd.openat(index, DOT, Linux.O_RDONLY | Linux.O_DIRECTORY, 0)) {
        removePrepared(listing, new Getdents().names(listing));
      } catch (Throwable e) {
        index.close();
        throw e;
      }
      return index;
    } catch (ErrnoException e) {
      throw LayerStack.refused("index in the workdir", workPath, e);
    }
  }

  private static void removePrepared(Fd directory, List<byte[]> names) throws ErrnoException {
    for (byte[] name : names) {
      if (name[0] == '#') {
        TreeRemover.remove(directory, name);
      }
    }
  }
}
