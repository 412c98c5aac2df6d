package plyfs.fuse.abi;

import plyfs.fuse.Request;

/**
 * {@code struct fuse_statx_in}, 24 bytes, since 7.39: STATX.
 *
 * <p>{@code [u32 getattr_flags][u32 reserved][u64 fh][u32 sx_flags][u32 sx_mask]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class StatxIn {
  public static final int GETATTR_FLAGS = 0;
  public static final int FH = 8;
  public static final int SX_FLAGS = 16;
  public static final int SX_MASK = 20;
  public static final int SIZEOF = 24;

  private StatxIn() {}

  /** As in {@link GetattrIn}. */
  public static int getattrFlags(Request r) {
    return r.intAt(GETATTR_FLAGS);
  }

  public static long fh(Request r) {
    return r.longAt(FH);
  }

  /** {@code AT_STATX_*}. */
  public static int sxFlags(Request r) {
    return r.intAt(SX_FLAGS);
  }

  /** {@code STATX_*}. */
  public static int sxMask(Request r) {
    return r.intAt(SX_MASK);
  }
}
