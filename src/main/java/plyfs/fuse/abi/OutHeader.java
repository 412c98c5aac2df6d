package plyfs.fuse.abi;

import java.nio.ByteBuffer;
import plyfs.sys.Words;

/**
 * {@code struct fuse_out_header}, 16 bytes: starts every reply and every notification.
 *
 * <p>{@code [u32 len][u32 error][u64 unique]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class OutHeader {
  public static final int LEN = 0;
  public static final int ERROR = 4;
  public static final int UNIQUE = 8;
  public static final int SIZEOF = 16;

  private OutHeader() {}

  /**
   * Writes a header.
   *
   * @param error 0, a negated error number, or with {@code unique} 0 the code of a notification
   */
  public static void put(ByteBuffer b, int at, int len, int error, long unique) {
    b.putLong(at, Words.pair(len, error)).putLong(at + UNIQUE, unique);
  }
}
