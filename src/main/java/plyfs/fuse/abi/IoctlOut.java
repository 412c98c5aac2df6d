package plyfs.fuse.abi;

import java.nio.ByteBuffer;

/**
 * {@code struct fuse_ioctl_out}, 16 bytes: answers IOCTL; the output bytes follow.
 *
 * <p>{@code [u32 result][u32 flags][u32 in_iovs][u32 out_iovs]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class IoctlOut {
  public static final int RESULT = 0;
  public static final int FLAGS = 4;
  public static final int IN_IOVS = 8;
  public static final int OUT_IOVS = 12;
  public static final int SIZEOF = 16;

  private IoctlOut() {}

  /**
   * Writes it.
   *
   * @param result what ioctl(2) gives to the caller
   */
  public static void put(ByteBuffer b, int at, int result) {
    b.putInt(at + RESULT, result)
        .putInt(at + FLAGS, 0)
        .putInt(at + IN_IOVS, 0)
        .putInt(at + OUT_IOVS, 0);
  }
}
