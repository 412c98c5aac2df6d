package plyfs.fuse.abi;

import plyfs.fuse.Request;

/**
 * {@code struct fuse_bmap_in}, 16 bytes: BMAP.
 *
 * <p>{@code [u64 block][u32 blocksize][u32 padding]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class BmapIn {
  public static final int BLOCK = 0;
  public static final int BLOCKSIZE = 8;
  public static final int SIZEOF = 16;

  private BmapIn() {}

  public static long block(Request r) {
    return r.longAt(BLOCK);
  }

  public static int blocksize(Request r) {
    return r.intAt(BLOCKSIZE);
  }
}
