package plyfs.fuse.abi;

import java.nio.ByteBuffer;
import plyfs.sys.Stat;

/**
 * {@code struct fuse_attr}, 88 bytes: the attributes of one object; part of {@link EntryOut} and
 * {@link AttrOut}.
 *
 * <p>{@code [u64 ino][u64 size][u64 blocks][u64 atime][u64 mtime][u64 ctime][u32 atimensec][u32
 * mtimensec][u32 ctimensec][u32 mode][u32 nlink][u32 uid][u32 gid][u32 rdev][u32 blksize][u32
 * flags]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class Attr {
  public static final int INO = 0;
  public static final int SIZE = 8;
  public static final int BLOCKS = 16;
  public static final int ATIME = 24;
  public static final int MTIME = 32;
  public static final int CTIME = 40;
  public static final int ATIMENSEC = 48;
  public static final int MTIMENSEC = 52;
  public static final int CTIMENSEC = 56;
  public static final int MODE = 60;
  public static final int NLINK = 64;
  public static final int UID = 68;
  public static final int GID = 72;
  public static final int RDEV = 76;
  public static final int BLKSIZE = 80;
  public static final int FLAGS = 84;
  public static final int SIZEOF = 88;

  private Attr() {}

  /**
   * Writes all fields: those of {@code stat}, but inode number and link count as given.
   *
   * @param ino what the user sees as st_ino, which need not be that of {@code stat}
   */
  public static void put(ByteBuffer b, int at, Stat stat, long ino, int nlink) {
    b.putLong(at + INO, ino)
        .putLong(at + SIZE, stat.size())
        .putLong(at + BLOCKS, stat.blocks())
        .putLong(at + ATIME, stat.atimeSeconds())
        .putLong(at + MTIME, stat.mtimeSeconds())
        .putLong(at + CTIME, stat.ctimeSeconds())
        .putInt(at + ATIMENSEC, stat.atimeNanos())
        .putInt(at + MTIMENSEC, stat.mtimeNanos())
        .putInt(at + CTIMENSEC, stat.ctimeNanos())
        .putInt(at + MODE, stat.mode())
        .putInt(at + NLINK, nlink)
        .putInt(at + UID, stat.uid())
        .putInt(at + GID, stat.gid())
        .putInt(at + RDEV, stat.rdev())
        .putInt(at + BLKSIZE, stat.blksize())
        .putInt(at + FLAGS, 0);
  }

  /** Replaces the owner, where it is not that of the stat. */
  public static void putOwner(ByteBuffer b, int at, int uid, int gid) {
    b.putInt(at + UID, uid).putInt(at + GID, gid);
  }

  /** Replaces type and permission bits. */
  public static void putMode(ByteBuffer b, int at, int mode) {
    b.putInt(at + MODE, mode);
  }

  /**
   * Replaces the size.
   *
   * @param size bytes
   * @param blocks units of 512 bytes
   */
  public static void putSize(ByteBuffer b, int at, long size, long blocks) {
    b.putLong(at + SIZE, size).putLong(at + BLOCKS, blocks);
  }
}
