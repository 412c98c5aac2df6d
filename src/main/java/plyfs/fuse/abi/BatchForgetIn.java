package plyfs.fuse.abi;

import plyfs.fuse.Request;

/**
 * {@code struct fuse_batch_forget_in}, 8 bytes: BATCH_FORGET; {@link ForgetOne} follows {@code
 * count} times.
 *
 * <p>{@code [u32 count][u32 dummy]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class BatchForgetIn {
  public static final int COUNT = 0;
  public static final int SIZEOF = 8;

  private BatchForgetIn() {}

  public static int count(Request r) {
    return r.intAt(COUNT);
  }
}
