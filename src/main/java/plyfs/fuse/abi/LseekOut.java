package plyfs.fuse.abi;

import java.nio.ByteBuffer;

/**
 * {@code struct fuse_lseek_out}, 8 bytes: answers LSEEK.
 *
 * <p>{@code [u64 offset]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class LseekOut {
  public static final int OFFSET = 0;
  public static final int SIZEOF = 8;

  private LseekOut() {}

  public static void put(ByteBuffer b, int at, long offset) {
    b.putLong(at + OFFSET, offset);
  }
}
