package plyfs.fuse.abi;

import plyfs.fuse.Request;

/**
 * {@code struct fuse_mknod_in}, 16 bytes: MKNOD; the name follows.
 *
 * <p>{@code [u32 mode][u32 rdev][u32 umask][u32 padding]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class MknodIn {
  public static final int MODE = 0;
  public static final int RDEV = 4;
  public static final int UMASK = 8;
  public static final int SIZEOF = 16;

  private MknodIn() {}

  /** Type and permission bits. */
  public static int mode(Request r) {
    return r.intAt(MODE);
  }

  /** Device number in the kernel's 32-bit form. */
  public static int rdev(Request r) {
    return r.intAt(RDEV);
  }

  public static int umask(Request r) {
    return r.intAt(UMASK);
  }
}
