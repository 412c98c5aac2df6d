package plyfs.fuse.abi;

import java.nio.ByteBuffer;
import plyfs.sys.Linux;
import plyfs.sys.Stat;

/**
 * {@code struct fuse_statx_out}, 288 bytes, since 7.39: answers STATX. {@code stat} is laid out as
 * {@code struct fuse_statx}, 256 bytes, which has the offsets of {@code struct statx}.
 *
 * <p>{@code [u64 attr_valid][u32 attr_valid_nsec][u32 flags][16 spare][stat]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class StatxOut {
  public static final int ATTR_VALID = 0;
  public static final int ATTR_VALID_NSEC = 8;
  public static final int FLAGS = 12;
  public static final int STAT = 32;
  public static final int SIZEOF = 288;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;
  private static final int BASIC_STATS = 0x7ff;
  private static final int BTIME = 0x800;

  private StatxOut() {}

  /**
   * Writes all fields: those of {@code stat}, but inode number and link count as given.
   *
   * @param attrNanos how long the kernel may keep the attributes, ns
   */
  public static void put(ByteBuffer b, int at, Stat stat, long ino, int nlink, long attrNanos) {
    for (int i = 0; i < SIZEOF; i += Long.BYTES) {
      b.putLong(at + i, 0);
    }
    b.putLong(at + ATTR_VALID, attrNanos / NANOS_PER_SECOND)
        .putInt(at + ATTR_VALID_NSEC, (int) (attrNanos % NANOS_PER_SECOND));
    int sx = at + STAT;
    b.putInt(sx, BASIC_STATS | (stat.hasBtime() ? BTIME : 0))
        .putInt(sx + 4, stat.blksize())
        .putInt(sx + 16, nlink)
        .putInt(sx + 20, stat.uid())
        .putInt(sx + 24, stat.gid())
        .putShort(sx + 28, (short) stat.mode())
        .putLong(sx + 32, ino)
        .putLong(sx + 40, stat.size())
        .putLong(sx + 48, stat.blocks());
    putTime(b, sx + 64, stat.atimeSeconds(), stat.atimeNanos());
    if (stat.hasBtime()) {
      putTime(b, sx + 80, stat.btimeSeconds(), stat.btimeNanos());
    }
    putTime(b, sx + 96, stat.ctimeSeconds(), stat.ctimeNanos());
    putTime(b, sx + 112, stat.mtimeSeconds(), stat.mtimeNanos());
    int rdev = stat.rdev();
    b.putInt(sx + 128, Linux.major(rdev)).putInt(sx + 132, Linux.minor(rdev));
  }

  private static void putTime(ByteBuffer b, int at, long seconds, int nanos) {
    b.putLong(at, seconds).putInt(at + 8, nanos);
  }
}
