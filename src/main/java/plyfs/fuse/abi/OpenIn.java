package plyfs.fuse.abi;

import plyfs.fuse.Request;

/**
 * {@code struct fuse_open_in}, 8 bytes: OPEN and OPENDIR.
 *
 * <p>{@code [u32 flags][u32 open_flags]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class OpenIn {
  public static final int FLAGS = 0;
  public static final int OPEN_FLAGS = 4;
  public static final int SIZEOF = 8;

  /** With O_TRUNC: clear setuid and setgid. */
  public static final int FUSE_OPEN_KILL_SUIDGID = 1;

  private OpenIn() {}

  /** {@code O_*}; may hold bits of the kernel alone, so pass on only known ones. */
  public static int flags(Request r) {
    return r.intAt(FLAGS);
  }

  /** {@code FUSE_OPEN_*}. */
  public static int openFlags(Request r) {
    return r.intAt(OPEN_FLAGS);
  }
}
