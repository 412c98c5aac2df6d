package plyfs.sys;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;

/**
 * What statx(2) says of one object. Filled by {@link Syscalls#statx}; belongs to one thread at a
 * time.
 *
 * <p>The memory is {@code struct statx}, 256 bytes, the same on every CPU. What is asked for is
 * kept as {@link Words}:
 *
 * <pre>
 *   word  0  [u32 mask][u32 blksize]            12  ctime: [s64 seconds]
 *         1  [u64 attributes]                   13         [u32 nanoseconds][u32 unused]
 *         2  [u32 nlink][u32 uid]               14  mtime, as ctime
 *         3  [u32 gid][u16 mode][u16 unused]    16  [u32 major][u32 minor] of a device node
 *         4  [u64 ino]                          17  [u32 major][u32 minor] of the file system
 *         5  [u64 size]                         18  [u64 mount id]
 *         6  [u64 blocks]
 *         8  atime, as ctime
 *        10  btime, as ctime
 * </pre>
 *
 * @implNote include/uapi/linux/stat.h
 */
public final class Stat {
  static final int SIZEOF = 256;

  /** STATX_BASIC_STATS | STATX_BTIME. */
  static final int MASK = 0x7ff | 0x800;

  private static final int MASK_AND_BLKSIZE = 0;
  private static final int ATTRIBUTES = 1;
  private static final int NLINK_AND_UID = 2;
  private static final int GID_AND_MODE = 3;
  private static final int INO = 4;
  private static final int SIZE = 5;
  private static final int BLOCKS = 6;
  private static final int ATIME = 8;
  private static final int BTIME = 10;
  private static final int CTIME = 12;
  private static final int MTIME = 14;
  private static final int RDEV = 16;
  private static final int DEV = 17;
  private static final int MOUNT_ID = 18;
  private static final int WORDS = 19;

  private final LongBuffer memory;
  private final long address;
  private final long[] words = new long[WORDS];

  public Stat() {
    ByteBuffer bytes = ByteBuffer.allocateDirect(SIZEOF).order(ByteOrder.nativeOrder());
    memory = bytes.asLongBuffer();
    address = Syscalls.addressOf(bytes);
  }

  /** The address for the kernel's result; call {@link #load} afterwards. */
  long address() {
    return address;
  }

  /** Loads the result of the kernel. */
  void load() {
    memory.get(0, words);
  }

  /** Type and permission bits. */
  public int mode() {
    return Words.firstShort(Words.second(words[GID_AND_MODE]));
  }

  /** Type bits alone, {@code S_IF*}. */
  public int type() {
    return mode() & Linux.S_IFMT;
  }

  public boolean isDirectory() {
    return type() == Linux.S_IFDIR;
  }

  public boolean isRegular() {
    return type() == Linux.S_IFREG;
  }

  public boolean isSymlink() {
    return type() == Linux.S_IFLNK;
  }

  /** Whether this is the character device 0:0 that hides a name in the layers below. */
  public boolean isWhiteout() {
    return type() == Linux.S_IFCHR && words[RDEV] == 0;
  }

  public long ino() {
    return words[INO];
  }

  /** Device of the file system, major number in the upper 32 bits. */
  public long dev() {
    long word = words[DEV];
    return (long) Words.first(word) << 32 | Words.second(word) & 0xffffffffL;
  }

  public int nlink() {
    return Words.first(words[NLINK_AND_UID]);
  }

  public int uid() {
    return Words.second(words[NLINK_AND_UID]);
  }

  public int gid() {
    return Words.first(words[GID_AND_MODE]);
  }

  /** Replaces owner and group. */
  public void setOwner(int uid, int gid) {
    words[NLINK_AND_UID] = Words.pair(nlink(), uid);
    words[GID_AND_MODE] = Words.pair(gid, Words.second(words[GID_AND_MODE]));
  }

  /** Replaces the type and the permission bits. */
  public void setMode(int mode) {
    words[GID_AND_MODE] = Words.pair(gid(), Words.ofShorts(mode, 0));
  }

  /** Replaces the number of a device node. */
  public void setDevice(int major, int minor) {
    words[RDEV] = Words.pair(major, minor);
  }

  /** Major number of a device node. */
  public int rdevMajor() {
    return Words.first(words[RDEV]);
  }

  /** Minor number of a device node. */
  public int rdevMinor() {
    return Words.second(words[RDEV]);
  }

  /** Replaces the number of units of 512 bytes. */
  public void setBlocks(long units) {
    words[BLOCKS] = units;
  }

  /** Device number of a device node in the kernel's 32-bit form, as FUSE and mknodat(2) take it. */
  public int rdev() {
    return Linux.device(rdevMajor(), rdevMinor());
  }

  /** Bytes. */
  public long size() {
    return words[SIZE];
  }

  /** Whether the object has the flag of {@code chattr +i} in its own file system. */
  public boolean isImmutable() {
    return (words[ATTRIBUTES] & 0x10) != 0;
  }

  /** Whether the object has the flag of {@code chattr +a} in its own file system. */
  public boolean isAppendOnly() {
    return (words[ATTRIBUTES] & 0x20) != 0;
  }

  /** Whether the object is the root of a mount; known since Linux 5.8. */
  public boolean isMountRoot() {
    return (words[ATTRIBUTES] & 0x2000) != 0;
  }

  /** Units of 512 bytes. */
  public long blocks() {
    return words[BLOCKS];
  }

  public int blksize() {
    return Words.second(words[MASK_AND_BLKSIZE]);
  }

  public long atimeSeconds() {
    return words[ATIME];
  }

  public int atimeNanos() {
    return Words.first(words[ATIME + 1]);
  }

  public long mtimeSeconds() {
    return words[MTIME];
  }

  public int mtimeNanos() {
    return Words.first(words[MTIME + 1]);
  }

  public long ctimeSeconds() {
    return words[CTIME];
  }

  public int ctimeNanos() {
    return Words.first(words[CTIME + 1]);
  }

  /** Whether the file system has the creation time. */
  public boolean hasBtime() {
    return (Words.first(words[MASK_AND_BLKSIZE]) & 0x800) != 0;
  }

  public long btimeSeconds() {
    return words[BTIME];
  }

  public int btimeNanos() {
    return Words.first(words[BTIME + 1]);
  }

  /** Id of the mount through which the object was reached, from Linux 5.8; 0 before. */
  public int mountId() {
    return (int) words[MOUNT_ID];
  }

  /** Copies another object into this one. */
  public void set(Stat other) {
    System.arraycopy(other.words, 0, words, 0, WORDS);
  }
}
