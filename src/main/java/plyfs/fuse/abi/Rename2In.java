package plyfs.fuse.abi;

import plyfs.fuse.Request;

/**
 * {@code struct fuse_rename2_in}, 16 bytes: RENAME2; old and new name follow.
 *
 * <p>{@code [u64 newdir][u32 flags][u32 padding]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class Rename2In {
  public static final int NEWDIR = 0;
  public static final int FLAGS = 8;
  public static final int SIZEOF = 16;

  private Rename2In() {}

  /** Node id of the new parent. */
  public static long newdir(Request r) {
    return r.longAt(NEWDIR);
  }

  /** {@code RENAME_*}. */
  public static int flags(Request r) {
    return r.intAt(FLAGS);
  }
}
