package plyfs.fuse.abi;

import plyfs.fuse.Request;

/**
 * {@code struct fuse_release_in}, 24 bytes: RELEASE and RELEASEDIR.
 *
 * <p>{@code [u64 fh][u32 flags][u32 release_flags][u64 lock_owner]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class ReleaseIn {
  public static final int FH = 0;
  public static final int FLAGS = 8;
  public static final int RELEASE_FLAGS = 12;
  public static final int LOCK_OWNER = 16;
  public static final int SIZEOF = 24;

  public static final int FUSE_RELEASE_FLUSH = 1;
  public static final int FUSE_RELEASE_FLOCK_UNLOCK = 1 << 1;

  private ReleaseIn() {}

  public static long fh(Request r) {
    return r.longAt(FH);
  }

  /** {@code O_*} of the open file. */
  public static int flags(Request r) {
    return r.intAt(FLAGS);
  }

  /** {@code FUSE_RELEASE_*}. */
  public static int releaseFlags(Request r) {
    return r.intAt(RELEASE_FLAGS);
  }

  public static long lockOwner(Request r) {
    return r.longAt(LOCK_OWNER);
  }
}
