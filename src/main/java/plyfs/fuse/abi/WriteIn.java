package plyfs.fuse.abi;

import plyfs.fuse.Request;

/**
 * {@code struct fuse_write_in}, 40 bytes: WRITE; the data follows.
 *
 * <p>{@code [u64 fh][u64 offset][u32 size][u32 write_flags][u64 lock_owner][u32 flags][u32
 * padding]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class WriteIn {
  public static final int FH = 0;
  public static final int OFFSET = 8;
  public static final int SIZE = 16;
  public static final int WRITE_FLAGS = 20;
  public static final int LOCK_OWNER = 24;
  public static final int FLAGS = 32;
  public static final int SIZEOF = 40;

  /** Delayed write from the page cache: the user of the request is not the writer. */
  public static final int FUSE_WRITE_CACHE = 1;

  public static final int FUSE_WRITE_LOCKOWNER = 1 << 1;

  /** Clear setuid and setgid. */
  public static final int FUSE_WRITE_KILL_SUIDGID = 1 << 2;

  private WriteIn() {}

  public static long fh(Request r) {
    return r.longAt(FH);
  }

  /** Bytes. */
  public static long offset(Request r) {
    return r.longAt(OFFSET);
  }

  /** Bytes of data, never more than the payload has. */
  public static int size(Request r) {
    return r.intAt(SIZE);
  }

  /** {@code FUSE_WRITE_*}. */
  public static int writeFlags(Request r) {
    return r.intAt(WRITE_FLAGS);
  }

  public static long lockOwner(Request r) {
    return r.longAt(LOCK_OWNER);
  }

  /** {@code O_*} of the open file. */
  public static int flags(Request r) {
    return r.intAt(FLAGS);
  }
}
