package plyfs.fuse.abi;

import plyfs.fuse.Request;

/**
 * {@code struct fuse_create_in}, 16 bytes: CREATE and TMPFILE; the name follows.
 *
 * <p>{@code [u32 flags][u32 mode][u32 umask][u32 open_flags]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class CreateIn {
  public static final int FLAGS = 0;
  public static final int MODE = 4;
  public static final int UMASK = 8;
  public static final int OPEN_FLAGS = 12;
  public static final int SIZEOF = 16;

  private CreateIn() {}

  /** {@code O_*}. */
  public static int flags(Request r) {
    return r.intAt(FLAGS);
  }

  /** Type and permission bits, not masked where DONT_MASK is on. */
  public static int mode(Request r) {
    return r.intAt(MODE);
  }

  public static int umask(Request r) {
    return r.intAt(UMASK);
  }

  /** {@code FUSE_OPEN_*}. */
  public static int openFlags(Request r) {
    return r.intAt(OPEN_FLAGS);
  }
}
