package plyfs.fuse.abi;

import java.nio.ByteBuffer;

/**
 * {@code struct fuse_attr_out}, 104 bytes: answers GETATTR and SETATTR.
 *
 * <p>{@code [u64 attr_valid][u32 attr_valid_nsec][u32 dummy][attr]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class AttrOut {
  public static final int ATTR_VALID = 0;
  public static final int ATTR_VALID_NSEC = 8;
  public static final int ATTR = 16;
  public static final int SIZEOF = 104;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private AttrOut() {}

  /**
   * Writes all but the attributes, which {@link Attr#put} writes at {@code at + ATTR}.
   *
   * @param attrNanos how long the kernel may keep the attributes, ns
   */
  public static void put(ByteBuffer b, int at, long attrNanos) {
    b.putLong(at + ATTR_VALID, attrNanos / NANOS_PER_SECOND)
        .putInt(at + ATTR_VALID_NSEC, (int) (attrNanos % NANOS_PER_SECOND))
        .putInt(at + ATTR_VALID_NSEC + 4, 0);
  }
}
