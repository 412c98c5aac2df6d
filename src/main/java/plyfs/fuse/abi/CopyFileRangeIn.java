package plyfs.fuse.abi;

import plyfs.fuse.Request;

/**
 * {@code struct fuse_copy_file_range_in}, 56 bytes: COPY_FILE_RANGE, answered by {@link WriteOut},
 * and COPY_FILE_RANGE_64, answered by {@link CopyFileRangeOut}. The node of the request is the
 * source.
 *
 * <p>{@code [u64 fh_in][u64 off_in][u64 nodeid_out][u64 fh_out][u64 off_out][u64 len][u64 flags]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class CopyFileRangeIn {
  public static final int FH_IN = 0;
  public static final int OFF_IN = 8;
  public static final int NODEID_OUT = 16;
  public static final int FH_OUT = 24;
  public static final int OFF_OUT = 32;
  public static final int LEN = 40;
  public static final int FLAGS = 48;
  public static final int SIZEOF = 56;

  private CopyFileRangeIn() {}

  public static long fhIn(Request r) {
    return r.longAt(FH_IN);
  }

  /** Bytes. */
  public static long offIn(Request r) {
    return r.longAt(OFF_IN);
  }

  public static long nodeidOut(Request r) {
    return r.longAt(NODEID_OUT);
  }

  public static long fhOut(Request r) {
    return r.longAt(FH_OUT);
  }

  /** Bytes. */
  public static long offOut(Request r) {
    return r.longAt(OFF_OUT);
  }

  /** Bytes. */
  public static long len(Request r) {
    return r.longAt(LEN);
  }

  public static long flags(Request r) {
    return r.longAt(FLAGS);
  }
}
