package plyfs.fuse.abi;

import plyfs.fuse.Request;

/**
 * {@code struct fuse_link_in}, 8 bytes: LINK; the new name follows, its parent is the node of the
 * request.
 *
 * <p>{@code [u64 oldnodeid]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class LinkIn {
  public static final int OLDNODEID = 0;
  public static final int SIZEOF = 8;

  private LinkIn() {}

  /** The object that gets another name. */
  public static long oldnodeid(Request r) {
    return r.longAt(OLDNODEID);
  }
}
