package plyfs.fuse.abi;

import plyfs.fuse.Request;

/**
 * {@code struct fuse_rename_in}, 8 bytes: RENAME; old and new name follow.
 *
 * <p>{@code [u64 newdir]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class RenameIn {
  public static final int NEWDIR = 0;
  public static final int SIZEOF = 8;

  private RenameIn() {}

  /** Node id of the new parent. */
  public static long newdir(Request r) {
    return r.longAt(NEWDIR);
  }
}
