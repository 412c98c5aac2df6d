package plyfs.sys;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What statx(2) says of one object. Filled in place by {@link Syscalls#statx}; belongs to one
 * thread at a time.
 *
 * <p>The memory is {@code struct statx}, 256 bytes, the same on every CPU.
 *
 * @implNote include/uapi/linux/stat.h
 */
public final class Stat {
  static final int SIZEOF = 256;

  /** STATX_BASIC_STATS | STATX_BTIME. */
  static final int MASK = 0x7ff | 0x800;

  private static final int MASK_OUT = 0;
  private static final int BLKSIZE = 4;
  private static final int ATTRIBUTES = 8;
  private static final int NLINK = 16;
  private static final int UID = 20;
  private static final int GID = 24;
  private static final int MODE = 28;
  private static final int INO = 32;
  private static final int SIZE = 40;
  private static final int BLOCKS = 48;
  private static final int ATIME = 64;
  private static final int BTIME = 80;
  private static final int CTIME = 96;
  private static final int MTIME = 112;
  private static final int RDEV_MAJOR = 128;
  private static final int RDEV_MINOR = 132;
  private static final int DEV_MAJOR = 136;
  private static final int DEV_MINOR = 140;
  private static final int MOUNT_ID = 144;

  private final ByteBuffer memory =
      ByteBuffer.allocateDirect(SIZEOF).order(ByteOrder.nativeOrder());
  private final long address = Syscalls.addressOf(memory);

  long address() {
    return address;
  }

  /** Type and permission bits. */
  public int mode() {
    return memory.getShort(MODE) & 0xffff;
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
    return type() == Linux.S_IFCHR
        && memory.getInt(RDEV_MAJOR) == 0
        && memory.getInt(RDEV_MINOR) == 0;
  }

  public long ino() {
    return memory.getLong(INO);
  }

  /** Device of the file system, major number in the upper 32 bits. */
  public long dev() {
    return (long) memory.getInt(DEV_MAJOR) << 32 | memory.getInt(DEV_MINOR) & 0xffffffffL;
  }

  public int nlink() {
    return memory.getInt(NLINK);
  }

  public int uid() {
    return memory.getInt(UID);
  }

  public int gid() {
    return memory.getInt(GID);
  }

  /** Makes this say another owner and group. */
  public void setOwner(int uid, int gid) {
    memory.putInt(UID, uid);
    memory.putInt(GID, gid);
  }

  /** Makes this say another type and other permission bits. */
  public void setMode(int mode) {
    memory.putShort(MODE, (short) mode);
  }

  /** Makes this say another number of a device node. */
  public void setDevice(int major, int minor) {
    memory.putInt(RDEV_MAJOR, major);
    memory.putInt(RDEV_MINOR, minor);
  }

  /** Major number of a device node. */
  public int rdevMajor() {
    return memory.getInt(RDEV_MAJOR);
  }

  /** Minor number of a device node. */
  public int rdevMinor() {
    return memory.getInt(RDEV_MINOR);
  }

  /** Makes this say another number of units of 512 bytes. */
  public void setBlocks(long units) {
    memory.putLong(BLOCKS, units);
  }

  /** Device number of a device node in the kernel's 32-bit form, as FUSE and mknodat(2) take it. */
  public int rdev() {
    int major = memory.getInt(RDEV_MAJOR);
    int minor = memory.getInt(RDEV_MINOR);
    return minor & 0xff | major << 8 | (minor & ~0xff) << 12;
  }

  /** Bytes. */
  public long size() {
    return memory.getLong(SIZE);
  }

  /** Whether the object carries the flag of {@code chattr +i}, as its own file system says. */
  public boolean isImmutable() {
    return (memory.getLong(ATTRIBUTES) & 0x10) != 0;
  }

  /** Whether the object carries the flag of {@code chattr +a}, as its own file system says. */
  public boolean isAppendOnly() {
    return (memory.getLong(ATTRIBUTES) & 0x20) != 0;
  }

  /** Units of 512 bytes. */
  public long blocks() {
    return memory.getLong(BLOCKS);
  }

  public int blksize() {
    return memory.getInt(BLKSIZE);
  }

  public long atimeSeconds() {
    return memory.getLong(ATIME);
  }

  public int atimeNanos() {
    return memory.getInt(ATIME + 8);
  }

  public long mtimeSeconds() {
    return memory.getLong(MTIME);
  }

  public int mtimeNanos() {
    return memory.getInt(MTIME + 8);
  }

  public long ctimeSeconds() {
    return memory.getLong(CTIME);
  }

  public int ctimeNanos() {
    return memory.getInt(CTIME + 8);
  }

  /** Whether the file system knows when the object was made. */
  public boolean hasBtime() {
    return (memory.getInt(MASK_OUT) & 0x800) != 0;
  }

  public long btimeSeconds() {
    return memory.getLong(BTIME);
  }

  public int btimeNanos() {
    return memory.getInt(BTIME + 8);
  }

  /** Number of the mount that the object was reached through, from Linux 5.8; 0 before. */
  public int mountId() {
    return (int) memory.getLong(MOUNT_ID);
  }

  /** Makes this a copy of another one. */
  public void set(Stat other) {
    memory.put(0, other.memory, 0, SIZEOF);
  }
}
