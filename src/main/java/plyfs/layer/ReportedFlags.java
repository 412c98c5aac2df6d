package plyfs.layer;

import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.StatFs;

/** The flags i and a as statx(2) tells them, which are not always those that chattr(1) set. */
final class ReportedFlags {
  private static final long OVERLAY = 0x794c7630L;

  private ReportedFlags() {}

  /**
   * As {@link Layer#overstatesFlags}, of the file system that holds a directory.
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
