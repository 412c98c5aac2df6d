package plyfs.fuse.abi;

import java.nio.ByteBuffer;

/**
 * {@code struct fuse_lk_out}, 24 bytes: answers GETLK.
 *
 * <p>{@code [u64 lk_start][u64 lk_end][u32 lk_type][u32 lk_pid]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class LkOut {
  public static final int LK_START = 0;
  public static final int LK_END = 8;
  public static final int LK_TYPE = 16;
  public static final int LK_PID = 20;
  public static final int SIZEOF = 24;

  private LkOut() {}

  /**
   * Writes it.
   *
   * @param type {@code F_UNLCK} where nothing is in the way
   */
  public static void put(ByteBuffer b, int at, long start, long end, int type, int pid) {
    b.putLong(at + LK_START, start)
        .putLong(at + LK_END, end)
        .putInt(at + LK_TYPE, type)
        .putInt(at + LK_PID, pid);
  }
}
