package plyfs.fuse.abi;

import plyfs.fuse.Request;

/**
 * {@code struct fuse_forget_one}, 16 bytes: one node of a BATCH_FORGET, in its payload.
 *
 * <p>{@code [u64 nodeid][u64 nlookup]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class ForgetOne {
  public static final int NODEID = 0;
  public static final int NLOOKUP = 8;
  public static final int SIZEOF = 16;

  private ForgetOne() {}

  /**
   * Node id of an element.
   *
   * @param index 0 to {@link BatchForgetIn#count} - 1
   */
  public static long nodeid(Request r, int index) {
    return r.payloadLongAt(index * SIZEOF + NODEID);
  }

  /**
   * Lookups to take back.
   *
   * @param index 0 to {@link BatchForgetIn#count} - 1
   */
  public static long nlookup(Request r, int index) {
    return r.payloadLongAt(index * SIZEOF + NLOOKUP);
  }
}
