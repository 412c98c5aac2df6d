package plyfs.fuse.abi;

import java.nio.ByteBuffer;

/**
 * {@code struct fuse_copy_file_range_out}, 8 bytes, since 7.45: answers COPY_FILE_RANGE_64.
 *
 * <p>{@code [u64 bytes_copied]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class CopyFileRangeOut {
  public static final int BYTES_COPIED = 0;
  public static final int SIZEOF = 8;

  private CopyFileRangeOut() {}

  public static void put(ByteBuffer b, int at, long bytesCopied) {
    b.putLong(at + BYTES_COPIED, bytesCopied);
  }
}
