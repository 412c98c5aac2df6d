package plyfs.fuse.abi;

import plyfs.fuse.Request;

/**
 * {@code struct fuse_poll_in}, 24 bytes: POLL.
 *
 * <p>{@code [u64 fh][u64 kh][u32 flags][u32 events]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class PollIn {
  public static final int FH = 0;
  public static final int KH = 8;
  public static final int FLAGS = 16;
  public static final int EVENTS = 20;
  public static final int SIZEOF = 24;

  private PollIn() {}

  public static long fh(Request r) {
    return r.longAt(FH);
  }

  public static long kh(Request r) {
    return r.longAt(KH);
  }

  public static int flags(Request r) {
    return r.intAt(FLAGS);
  }

  public static int events(Request r) {
    return r.intAt(EVENTS);
  }
}
