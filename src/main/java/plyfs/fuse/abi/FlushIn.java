package plyfs.fuse.abi;

import plyfs.fuse.Request;

/**
 * {@code struct fuse_flush_in}, 24 bytes: FLUSH.
 *
 * <p>{@code [u64 fh][u32 unused][u32 padding][u64 lock_owner]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class FlushIn {
  public static final int FH = 0;
  public static final int LOCK_OWNER = 16;
  public static final int SIZEOF = 24;

  private FlushIn() {}

  public static long fh(Request r) {
    return r.longAt(FH);
  }

  public static long lockOwner(Request r) {
    return r.longAt(LOCK_OWNER);
  }
}
