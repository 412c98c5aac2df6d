package plyfs.sys;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What fstatfs(2) says of a file system. The memory is {@code struct statfs} of 64-bit Linux, 120
 * bytes.
 *
 * @implNote include/uapi/asm-generic/statfs.h
 */
public final class StatFs {
  private static final long ST_RDONLY = 1;
  private static final long ST_NOATIME = 0x400;
  private static final long ST_RELATIME = 0x1000;

  private final ByteBuffer memory = ByteBuffer.allocateDirect(120).order(ByteOrder.nativeOrder());
  private final long address = Syscalls.addressOf(memory);

  long address() {
    return address;
  }

  /** Magic number of the file system type. */
  public long type() {
    return memory.getLong(0);
  }

  /** Bytes in a unit of {@link #blocks} if {@link #fragmentSize} is 0. */
  public long blockSize() {
    return memory.getLong(8);
  }

  public long blocks() {
    return memory.getLong(16);
  }

  public long blocksFree() {
    return memory.getLong(24);
  }

  public long blocksAvailable() {
    return memory.getLong(32);
  }

  public long files() {
    return memory.getLong(40);
  }

  public long filesFree() {
    return memory.getLong(48);
  }

  public long nameMax() {
    return memory.getLong(64);
  }

  public long fragmentSize() {
    return memory.getLong(72);
  }

  /** Whether the file system or this mount of it is read-only. */
  public boolean isReadOnly() {
    return (memory.getLong(80) & ST_RDONLY) != 0;
  }

  /** How the mount updates access times: one of the values within {@code MOUNT_ATTR__ATIME}. */
  public long accessTimes() {
    long flags = memory.getLong(80);
    if ((flags & ST_NOATIME) != 0) {
      return Linux.MOUNT_ATTR_NOATIME;
    }
    return (flags & ST_RELATIME) != 0 ? Linux.MOUNT_ATTR_RELATIME : Linux.MOUNT_ATTR_STRICTATIME;
  }
}
