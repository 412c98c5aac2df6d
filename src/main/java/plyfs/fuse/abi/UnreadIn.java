package plyfs.fuse.abi;

/**
 * Bytes of the structs of requests in which nothing is read.
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class UnreadIn {
  /** {@code struct fuse_access_in}. */
  public static final int ACCESS = 8;

  /** {@code struct fuse_bmap_in}. */
  public static final int BMAP = 16;

  /** {@code struct fuse_flush_in}. */
  public static final int FLUSH = 24;

  /** {@code struct fuse_getattr_in}. */
  public static final int GETATTR = 16;

  /** {@code struct fuse_lk_in}, of GETLK, SETLK and SETLKW. */
  public static final int LK = 48;

  /** {@code struct fuse_poll_in}. */
  public static final int POLL = 24;

  /** {@code struct fuse_statx_in}, since 7.39. */
  public static final int STATX = 24;

  /** {@code struct fuse_syncfs_in}. */
  public static final int SYNCFS = 8;

  private UnreadIn() {}
}
