package plyfs.sys;

/** Renames to a name that must be free. */
public final class FreeName {
  private FreeName() {}

  /**
   * renameat2(2) with RENAME_NOREPLACE. If the file system does not support the flag, the method
   * first checks that the name is free: no other thread creates names there, because the caller
   * holds the lock of the directory, or the directory is the workdir.
   *
   * @return 0 or a negative error number; EEXIST if the name is taken
   * @implNote FUSE without rename2, NFS and 9p refuse every flag (EINVAL)
   */
  public static int rename(Fd oldDirectory, byte[] oldName, Fd directory, byte[] name) {
    int result = Syscalls.renameat2(oldDirectory, oldName, directory, name, Linux.RENAME_NOREPLACE);
    if (result != -Errno.EINVAL) {
      return result;
    }
    int there = Syscalls.statx(directory, name, new Stat());
    if (there != -Errno.ENOENT) {
      return there == 0 ? -Errno.EEXIST : there;
    }
    return Syscalls.renameat2(oldDirectory, oldName, directory, name, 0);
  }
}
