package plyfs.fuse.abi;

import plyfs.fuse.Request;

/**
 * {@code struct fuse_setattr_in}, 88 bytes: SETATTR: which attributes to change, and to what.
 *
 * <p>{@code [u32 valid][u32 padding][u64 fh][u64 size][u64 lock_owner][u64 atime][u64 mtime][u64
 * ctime][u32 atimensec][u32 mtimensec][u32 ctimensec][u32 mode][u32 unused4][u32 uid][u32 gid][u32
 * unused5]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class SetattrIn {
  public static final int VALID = 0;
  public static final int FH = 8;
  public static final int SIZE = 16;
  public static final int LOCK_OWNER = 24;
  public static final int ATIME = 32;
  public static final int MTIME = 40;
  public static final int CTIME = 48;
  public static final int ATIMENSEC = 56;
  public static final int MTIMENSEC = 60;
  public static final int CTIMENSEC = 64;
  public static final int MODE = 68;
  public static final int UID = 76;
  public static final int GID = 80;
  public static final int SIZEOF = 88;

  public static final int FATTR_MODE = 1 << 0;
  public static final int FATTR_UID = 1 << 1;
  public static final int FATTR_GID = 1 << 2;
  public static final int FATTR_SIZE = 1 << 3;
  public static final int FATTR_ATIME = 1 << 4;
  public static final int FATTR_MTIME = 1 << 5;
  public static final int FATTR_FH = 1 << 6;
  public static final int FATTR_ATIME_NOW = 1 << 7;
  public static final int FATTR_MTIME_NOW = 1 << 8;
  public static final int FATTR_LOCKOWNER = 1 << 9;
  public static final int FATTR_CTIME = 1 << 10;
  public static final int FATTR_KILL_SUIDGID = 1 << 11;

  private SetattrIn() {}

  /** {@code FATTR_*}. */
  public static int valid(Request r) {
    return r.intAt(VALID);
  }

  /** Valid only with {@link #FATTR_FH}. */
  public static long fh(Request r) {
    return r.longAt(FH);
  }

  /** Bytes. */
  public static long size(Request r) {
    return r.longAt(SIZE);
  }

  public static long lockOwner(Request r) {
    return r.longAt(LOCK_OWNER);
  }

  /** Signed seconds. */
  public static long atime(Request r) {
    return r.longAt(ATIME);
  }

  /** Signed seconds. */
  public static long mtime(Request r) {
    return r.longAt(MTIME);
  }

  /** Signed seconds. */
  public static long ctime(Request r) {
    return r.longAt(CTIME);
  }

  public static int atimensec(Request r) {
    return r.intAt(ATIMENSEC);
  }

  public static int mtimensec(Request r) {
    return r.intAt(MTIMENSEC);
  }

  public static int ctimensec(Request r) {
    return r.intAt(CTIMENSEC);
  }

  /** Type and permission bits. */
  public static int mode(Request r) {
    return r.intAt(MODE);
  }

  public static int uid(Request r) {
    return r.intAt(UID);
  }

  public static int gid(Request r) {
    return r.intAt(GID);
  }
}
