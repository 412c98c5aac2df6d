package plyfs.fuse.abi;

import plyfs.fuse.Request;

/**
 * {@code struct fuse_fallocate_in}, 32 bytes: FALLOCATE.
 *
 * <p>{@code [u64 fh][u64 offset][u64 length][u32 mode][u32 padding]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class FallocateIn {
  public static final int FH = 0;
  public static final int OFFSET = 8;
  public static final int LENGTH = 16;
  public static final int MODE = 24;
  public static final int SIZEOF = 32;

  private FallocateIn() {}

  public static long fh(Request r) {
    return r.longAt(FH);
  }

  /** Bytes. */
  public static long offset(Request r) {
    return r.longAt(OFFSET);
  }

  /** Bytes. */
  public static long length(Request r) {
    return r.longAt(LENGTH);
  }

  /** {@code FALLOC_FL_*}. */
  public static int mode(Request r) {
    return r.intAt(MODE);
  }
}
