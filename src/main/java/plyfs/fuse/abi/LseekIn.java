package plyfs.fuse.abi;

import plyfs.fuse.Request;

/**
 * {@code struct fuse_lseek_in}, 24 bytes: LSEEK, sent for SEEK_DATA and SEEK_HOLE.
 *
 * <p>{@code [u64 fh][u64 offset][u32 whence][u32 padding]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class LseekIn {
  public static final int FH = 0;
  public static final int OFFSET = 8;
  public static final int WHENCE = 16;
  public static final int SIZEOF = 24;

  private LseekIn() {}

  public static long fh(Request r) {
    return r.longAt(FH);
  }

  /** Bytes. */
  public static long offset(Request r) {
    return r.longAt(OFFSET);
  }

  /** {@code SEEK_*}. */
  public static int whence(Request r) {
    return r.intAt(WHENCE);
  }
}
