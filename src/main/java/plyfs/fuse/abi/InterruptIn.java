package plyfs.fuse.abi;

import plyfs.fuse.Request;

/**
 * {@code struct fuse_interrupt_in}, 8 bytes: INTERRUPT.
 *
 * <p>{@code [u64 unique]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class InterruptIn {
  public static final int UNIQUE = 0;
  public static final int SIZEOF = 8;

  private InterruptIn() {}

  /** Of the request that need not be finished. */
  public static long unique(Request r) {
    return r.longAt(UNIQUE);
  }
}
