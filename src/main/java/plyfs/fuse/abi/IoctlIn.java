package plyfs.fuse.abi;

import plyfs.fuse.Request;

/**
 * {@code struct fuse_ioctl_in}, 32 bytes: IOCTL; the input bytes follow.
 *
 * <p>{@code [u64 fh][u32 flags][u32 cmd][u64 arg][u32 in_size][u32 out_size]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class IoctlIn {
  public static final int FH = 0;
  public static final int FLAGS = 8;
  public static final int CMD = 12;
  public static final int ARG = 16;
  public static final int IN_SIZE = 24;
  public static final int OUT_SIZE = 28;
  public static final int SIZEOF = 32;

  public static final int FUSE_IOCTL_COMPAT = 1;
  public static final int FUSE_IOCTL_UNRESTRICTED = 1 << 1;
  public static final int FUSE_IOCTL_32BIT = 1 << 3;

  /** The file is a directory. */
  public static final int FUSE_IOCTL_DIR = 1 << 4;

  private IoctlIn() {}

  public static long fh(Request r) {
    return r.longAt(FH);
  }

  /** {@code FUSE_IOCTL_*}. */
  public static int flags(Request r) {
    return r.intAt(FLAGS);
  }

  /** Number of the ioctl. */
  public static int cmd(Request r) {
    return r.intAt(CMD);
  }

  public static long arg(Request r) {
    return r.longAt(ARG);
  }

  /** Bytes that follow. */
  public static int inSize(Request r) {
    return r.intAt(IN_SIZE);
  }

  /** Most bytes that the answer may carry after {@link IoctlOut}. */
  public static int outSize(Request r) {
    return r.intAt(OUT_SIZE);
  }
}
