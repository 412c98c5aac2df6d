package plyfs.fuse.abi;

import plyfs.fuse.Request;

/**
 * {@code struct fuse_setxattr_in}, 16 bytes, since 7.33 in this size: SETXATTR; name and value
 * follow. Without {@link InitFlags#SETXATTR_EXT} it is the first 8 bytes alone.
 *
 * <p>{@code [u32 size][u32 flags][u32 setxattr_flags][u32 padding]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class SetxattrIn {
  public static final int SIZE = 0;
  public static final int FLAGS = 4;
  public static final int SETXATTR_FLAGS = 8;
  public static final int SIZEOF = 16;

  /** Bytes without {@link InitFlags#SETXATTR_EXT}. */
  public static final int SIZEOF_SHORT = 8;

  /** The caller sets an ACL and the file must lose the setgid bit. */
  public static final int FUSE_SETXATTR_ACL_KILL_SGID = 1;

  private SetxattrIn() {}

  /** Bytes of the value. */
  public static int size(Request r) {
    return r.intAt(SIZE);
  }

  /** {@code XATTR_CREATE}, {@code XATTR_REPLACE} or 0. */
  public static int flags(Request r) {
    return r.intAt(FLAGS);
  }

  /** {@code FUSE_SETXATTR_*}; 0 where the struct is short. */
  public static int setxattrFlags(Request r) {
    return r.opSize() >= SIZEOF ? r.intAt(SETXATTR_FLAGS) : 0;
  }
}
