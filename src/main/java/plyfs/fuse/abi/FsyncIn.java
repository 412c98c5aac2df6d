package plyfs.fuse.abi;

import plyfs.fuse.Request;

/**
 * {@code struct fuse_fsync_in}, 16 bytes: FSYNC and FSYNCDIR.
 *
 * <p>{@code [u64 fh][u32 fsync_flags][u32 padding]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class FsyncIn {
  public static final int FH = 0;
  public static final int FSYNC_FLAGS = 8;
  public static final int SIZEOF = 16;

  /** Data alone. */
  public static final int FUSE_FSYNC_FDATASYNC = 1;

  private FsyncIn() {}

  public static long fh(Request r) {
    return r.longAt(FH);
  }

  /** {@code FUSE_FSYNC_*}. */
  public static int fsyncFlags(Request r) {
    return r.intAt(FSYNC_FLAGS);
  }
}
