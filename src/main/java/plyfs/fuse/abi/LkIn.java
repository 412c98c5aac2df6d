package plyfs.fuse.abi;

import plyfs.fuse.Request;

/**
 * {@code struct fuse_lk_in}, 48 bytes: GETLK, SETLK and SETLKW.
 *
 * <p>{@code [u64 fh][u64 owner][u64 lk_start][u64 lk_end][u32 lk_type][u32 lk_pid][u32
 * lk_flags][u32 padding]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class LkIn {
  public static final int FH = 0;
  public static final int OWNER = 8;
  public static final int LK_START = 16;
  public static final int LK_END = 24;
  public static final int LK_TYPE = 32;
  public static final int LK_PID = 36;
  public static final int LK_FLAGS = 40;
  public static final int SIZEOF = 48;

  /** A lock of flock(2). */
  public static final int FUSE_LK_FLOCK = 1;

  private LkIn() {}

  public static long fh(Request r) {
    return r.longAt(FH);
  }

  public static long owner(Request r) {
    return r.longAt(OWNER);
  }

  /** First byte. */
  public static long lkStart(Request r) {
    return r.longAt(LK_START);
  }

  /** Last byte. */
  public static long lkEnd(Request r) {
    return r.longAt(LK_END);
  }

  /** {@code F_RDLCK}, {@code F_WRLCK}, {@code F_UNLCK}. */
  public static int lkType(Request r) {
    return r.intAt(LK_TYPE);
  }

  public static int lkPid(Request r) {
    return r.intAt(LK_PID);
  }

  public static int lkFlags(Request r) {
    return r.intAt(LK_FLAGS);
  }
}
