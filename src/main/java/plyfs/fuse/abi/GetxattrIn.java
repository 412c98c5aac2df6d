package plyfs.fuse.abi;

import plyfs.fuse.Request;

/**
 * {@code struct fuse_getxattr_in}, 8 bytes: GETXATTR, where the attribute name follows, and
 * LISTXATTR.
 *
 * <p>{@code [u32 size][u32 padding]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class GetxattrIn {
  public static final int SIZE = 0;
  public static final int SIZEOF = 8;

  private GetxattrIn() {}

  /** Bytes that the caller has room for; 0 asks for the length, answered by {@link GetxattrOut}. */
  public static int size(Request r) {
    return r.intAt(SIZE);
  }
}
