package plyfs.sys;

/** Renames to a name that nothing has. */
public final class FreeName {
  private FreeName() {}

  /**
   * renameat2(2) with RENAME_NOREPLACE. A file system that does not know the flag is asked for the
   * name first: nobody else gives names there, because the caller holds the lock of the directory,
   * or the directory is the workdir.
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
