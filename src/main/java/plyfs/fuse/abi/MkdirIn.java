package plyfs.fuse.abi;

import plyfs.fuse.Request;

/**
 * {@code struct fuse_mkdir_in}, 8 bytes: MKDIR; the name follows.
 *
 * <p>{@code [u32 mode][u32 umask]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class MkdirIn {
  public static final int MODE = 0;
  public static final int UMASK = 4;
  public static final int SIZEOF = 8;

  private MkdirIn() {}

  /** Permission bits, without a type. */
  public static int mode(Request r) {
    return r.intAt(MODE);
  }

  public static int umask(Request r) {
    return r.intAt(UMASK);
  }
}
