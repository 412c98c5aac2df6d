package plyfs.fuse.abi;

import plyfs.fuse.Request;

/**
 * {@code struct fuse_getattr_in}, 16 bytes: GETATTR asks for attributes.
 *
 * <p>{@code [u32 getattr_flags][u32 dummy][u64 fh]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class GetattrIn {
  public static final int GETATTR_FLAGS = 0;
  public static final int FH = 8;
  public static final int SIZEOF = 16;

  /** {@link #fh} names an open file. */
  public static final int FUSE_GETATTR_FH = 1;

  private GetattrIn() {}

  public static int getattrFlags(Request r) {
    return r.intAt(GETATTR_FLAGS);
  }

  /** Valid only with {@link #FUSE_GETATTR_FH}. */
  public static long fh(Request r) {
    return r.longAt(FH);
  }
}
