package plyfs.fuse.abi;

import java.nio.ByteBuffer;
import plyfs.sys.StatFs;

/**
 * {@code struct fuse_statfs_out}, 80 bytes: answers STATFS.
 *
 * <p>{@code [u64 blocks][u64 bfree][u64 bavail][u64 files][u64 ffree][u32 bsize][u32 namelen][u32
 * frsize][28 padding]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class StatfsOut {
  public static final int BLOCKS = 0;
  public static final int BFREE = 8;
  public static final int BAVAIL = 16;
  public static final int FILES = 24;
  public static final int FFREE = 32;
  public static final int BSIZE = 40;
  public static final int NAMELEN = 44;
  public static final int FRSIZE = 48;
  public static final int SIZEOF = 80;

  private StatfsOut() {}

  public static void put(ByteBuffer b, int at, StatFs stat) {
    long fragment = stat.fragmentSize() != 0 ? stat.fragmentSize() : stat.blockSize();
    b.putLong(at + BLOCKS, stat.blocks())
        .putLong(at + BFREE, stat.blocksFree())
        .putLong(at + BAVAIL, stat.blocksAvailable())
        .putLong(at + FILES, stat.files())
        .putLong(at + FFREE, stat.filesFree())
        .putInt(at + BSIZE, (int) stat.blockSize())
        .putInt(at + NAMELEN, (int) stat.nameMax())
        .putInt(at + FRSIZE, (int) fragment);
    for (int i = FRSIZE + 4; i < SIZEOF; i += Integer.BYTES) {
      b.putInt(at + i, 0);
    }
  }
}
