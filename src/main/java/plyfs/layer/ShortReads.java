package plyfs.layer;

import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.StatFs;

/**
 * Interprets short reads. A file system that reads through the page cache stops only between two
 * pages or at the end of the file, so a count that ends inside a page means the end. Other file
 * systems, on a network or served by a process, may stop anywhere.
 *
 * @implNote Linux mm/filemap.c, filemap_read; mm/shmem.c, shmem_file_read_iter; fs/dax.c,
 *     dax_iomap_rw
 */
final class ShortReads {
  /** All page sizes are multiples of this. */
  private static final int PAGE = 4096;

  private static final long EXT = 0xef53L;
  private static final long XFS = 0x58465342L;
  private static final long BTRFS = 0x9123683eL;
  private static final long TMPFS = 0x01021994L;
  private static final long F2FS = 0xf2f52010L;
  private static final long SQUASHFS = 0x73717368L;
  private static final long EROFS = 0xe0f5e1e2L;

  private final boolean stopAtPages;

  /** For the file system of a directory. */
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

  /** Whether a read that stopped at an offset certainly reached the end of the file. */
  boolean areEndAt(long offset) {
    return stopAtPages && offset % PAGE != 0;
  }
}
