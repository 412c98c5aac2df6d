package plyfs.fuse.abi;

import java.nio.ByteBuffer;
import plyfs.sys.Words;

/**
 * {@code struct fuse_write_out}, 8 bytes: answers WRITE, and COPY_FILE_RANGE in its 32-bit form.
 *
 * <p>{@code [u32 size][u32 padding]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class WriteOut {
  public static final int SIZE = 0;
  public static final int SIZEOF = 8;

  private WriteOut() {}

  /**
   * Writes it.
   *
   * @param size bytes taken
   */
  public static void put(ByteBuffer b, int at, int size) {
    b.putLong(at, Words.pair(size, 0));
  }
}
