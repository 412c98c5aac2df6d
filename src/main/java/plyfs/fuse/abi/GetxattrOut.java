package plyfs.fuse.abi;

import java.nio.ByteBuffer;
import plyfs.sys.Words;

/**
 * {@code struct fuse_getxattr_out}, 8 bytes: answers GETXATTR and LISTXATTR that asked with size 0.
 * The others are answered by the bytes themselves.
 *
 * <p>{@code [u32 size][u32 padding]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class GetxattrOut {
  public static final int SIZE = 0;
  public static final int SIZEOF = 8;

  private GetxattrOut() {}

  /**
   * Writes it.
   *
   * @param size length of the value or list, bytes
   */
  public static void put(ByteBuffer b, int at, int size) {
    b.putLong(at, Words.pair(size, 0));
  }
}
