package plyfs.layer;

import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.StatFs;

/**
 * What a read means that brings less than was asked for. File systems that read through the page
 * cache stop between two pages, unless the file ends: a count that ends inside a page tells the end
 * there. Others, which may be across a network or served by a process, stop where they like.
 *
 * @implNote Linux mm/filemap.c, filemap_read; mm/shmem.c, shmem_file_read_iter; fs/dax.c,
 *     dax_iomap_rw
 */
final class ShortReads {
  /** All page sizes are multiples of it. */
  private static final int PAGE = 4096;

  private static final long EXT = 0xef53L;
  private static final long XFS = 0x58465342L;
  private static final long BTRFS = 0x9123683eL;
  private static final long TMPFS = 0x01021994L;
  private static final long F2FS = 0xf2f52010L;
  private static final long SQUASHFS = 0x73717368L;
  private static final long EROFS = 0xe0f5e1e2L;

  private final boolean stopAtPages;

  /** Those of the file system that a directory is in. */
  ShortReads(Fd directory) throws ErrnoException {
    StatFs fileSystem = new StatFs();
    ErrnoException.check(FileSyscalls.fstatfs(directory, fileSystem));
    long type = fileSystem.type();
    this.stopAtPages =
        type == EXT
            || type == XFS
            || type == BTRFS
            || type == TMPFS
            || type == F2FS
            || type == SQUASHFS
            || type == EROFS;
  }

  /** Whether a read that stopped at an offset has certainly reached the end of the file. */
  boolean areEndAt(long offset) {
    return stopAtPages && offset % PAGE != 0;
  }
}
