package plyfs.layer;

import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.StatFs;

/** The flags i and a as statx(2) reports them, which are not always those of chattr(1). */
final class ReportedFlags {
  private static final long OVERLAY = 0x794c7630L;

  private ReportedFlags() {}

  /**
   * As {@link Layer#overstatesFlags}, for the file system of a directory.
   *
   * @implNote Linux fs/erofs/inode.c, erofs_getattr, sets STATX_ATTR_IMMUTABLE for every inode;
   *     fs/overlayfs/inode.c, ovl_getattr, passes on what the layer below says. Neither sets
   *     S_IMMUTABLE, which is what forbids changes.
   */
  static boolean areOverstated(Fd directory) throws ErrnoException {
    StatFs fileSystem = new StatFs();
    ErrnoException.check(FileSyscalls.fstatfs(directory, fileSystem));
    return fileSystem.isReadOnly() || fileSystem.type() == OVERLAY;
  }
}
