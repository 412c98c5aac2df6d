package plyfs.fuse.abi;

import plyfs.fuse.Request;

/**
 * {@code struct fuse_access_in}, 8 bytes: ACCESS.
 *
 * <p>{@code [u32 mask][u32 padding]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class AccessIn {
  public static final int MASK = 0;
  public static final int SIZEOF = 8;

  private AccessIn() {}

  /** {@code R_OK}, {@code W_OK}, {@code X_OK}. */
  public static int mask(Request r) {
    return r.intAt(MASK);
  }
}
