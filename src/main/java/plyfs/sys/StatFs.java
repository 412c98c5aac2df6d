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
  private final ByteBuffer memory = ByteBuffer.allocateDirect(120).order(ByteOrder.nativeOrder());
  private final long address = Syscalls.addressOf(memory);

  long address() {
    return address;
  }

  /** Magic number of the file system type. */
  public long type() {
    return memory.getLong(0);
  }

  /** Bytes in a unit of {@link #blocks} where {@link #fragmentSize} is 0. */
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
}
