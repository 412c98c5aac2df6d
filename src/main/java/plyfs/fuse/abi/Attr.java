package plyfs.fuse.abi;

import plyfs.sys.Stat;
import plyfs.sys.Words;

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
   * @param at index of its first word
   * @param ino what the user sees as st_ino, which need not be that of {@code stat}
   */
  public static void put(long[] words, int at, Stat stat, long ino, int nlink) {
    words[at + INO / Long.BYTES] = ino;
    words[at + SIZE / Long.BYTES] = stat.size();
    words[at + BLOCKS / Long.BYTES] = stat.blocks();
    words[at + ATIME / Long.BYTES] = stat.atimeSeconds();
    words[at + MTIME / Long.BYTES] = stat.mtimeSeconds();
    words[at + CTIME / Long.BYTES] = stat.ctimeSeconds();
    words[at + ATIMENSEC / Long.BYTES] = Words.pair(stat.atimeNanos(), stat.mtimeNanos());
    words[at + CTIMENSEC / Long.BYTES] = Words.pair(stat.ctimeNanos(), stat.mode());
    words[at + NLINK / Long.BYTES] = Words.pair(nlink, stat.uid());
    words[at + GID / Long.BYTES] = Words.pair(stat.gid(), stat.rdev());
    words[at + BLKSIZE / Long.BYTES] = Words.pair(stat.blksize(), 0);
  }
}
