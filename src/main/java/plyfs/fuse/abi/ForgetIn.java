package plyfs.fuse.abi;

import plyfs.fuse.Request;

/**
 * {@code struct fuse_forget_in}, 8 bytes: FORGET.
 *
 * <p>{@code [u64 nlookup]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class ForgetIn {
  public static final int NLOOKUP = 0;
  public static final int SIZEOF = 8;

  private ForgetIn() {}

  /** Lookups to take back. */
  public static long nlookup(Request r) {
    return r.longAt(NLOOKUP);
  }
}
