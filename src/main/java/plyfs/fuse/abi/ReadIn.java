package plyfs.fuse.abi;

import plyfs.fuse.Request;

/**
 * {@code struct fuse_read_in}, 40 bytes: READ, READDIR and READDIRPLUS.
 *
 * <p>{@code [u64 fh][u64 offset][u32 size][u32 read_flags][u64 lock_owner][u32 flags][u32 padding]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class ReadIn {
  public static final int FH = 0;
  public static final int OFFSET = 8;
  public static final int SIZE = 16;
  public static final int READ_FLAGS = 20;
  public static final int LOCK_OWNER = 24;
  public static final int FLAGS = 32;
  public static final int SIZEOF = 40;

  public static final int FUSE_READ_LOCKOWNER = 1 << 1;

  private ReadIn() {}

  public static long fh(Request r) {
    return r.longAt(FH);
  }

  /** Bytes, or the cookie of the last entry taken; 0 at the start. */
  public static long offset(Request r) {
    return r.longAt(OFFSET);
  }

  /** Most bytes that the answer may have. */
  public static int size(Request r) {
    return r.intAt(SIZE);
  }

  /** {@code FUSE_READ_*}. */
  public static int readFlags(Request r) {
    return r.intAt(READ_FLAGS);
  }

  public static long lockOwner(Request r) {
    return r.longAt(LOCK_OWNER);
  }

  /** {@code O_*} of the open file. */
  public static int flags(Request r) {
    return r.intAt(FLAGS);
  }
}
