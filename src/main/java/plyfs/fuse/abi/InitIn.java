package plyfs.fuse.abi;

import plyfs.fuse.Request;

/**
 * {@code struct fuse_init_in}, 64 bytes: INIT, the first request. Kernels before 7.36 send the
 * first 16 bytes alone.
 *
 * <p>{@code [u32 major][u32 minor][u32 max_readahead][u32 flags][u32 flags2][44 unused]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class InitIn {
  public static final int MAJOR = 0;
  public static final int MINOR = 4;
  public static final int MAX_READAHEAD = 8;
  public static final int FLAGS = 12;
  public static final int FLAGS2 = 16;
  public static final int SIZEOF = 64;

  private InitIn() {}

  public static int major(Request r) {
    return r.intAt(MAJOR);
  }

  public static int minor(Request r) {
    return r.intAt(MINOR);
  }

  /** Bytes. */
  public static int maxReadahead(Request r) {
    return r.intAt(MAX_READAHEAD);
  }

  /** Bits 0 to 31 of {@link InitFlags}. */
  public static int flags(Request r) {
    return r.intAt(FLAGS);
  }

  /** Bytes that every kernel sends. */
  public static final int SIZEOF_SHORT = 16;

  /** All bits that the kernel offers, {@link InitFlags}. */
  public static long allFlags(Request r) {
    long flags = flags(r) & 0xffffffffL;
    boolean isExtended = (flags & InitFlags.INIT_EXT) != 0 && r.opSize() >= FLAGS2 + 4;
    return isExtended ? flags | (long) r.intAt(FLAGS2) << 32 : flags;
  }
}
