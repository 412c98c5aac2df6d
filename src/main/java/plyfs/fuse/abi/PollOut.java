package plyfs.fuse.abi;

import java.nio.ByteBuffer;

/**
 * {@code struct fuse_poll_out}, 8 bytes: answers POLL.
 *
 * <p>{@code [u32 revents][u32 padding]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class PollOut {
  public static final int REVENTS = 0;
  public static final int SIZEOF = 8;

  private PollOut() {}

  public static void put(ByteBuffer b, int at, int revents) {
    b.putInt(at + REVENTS, revents).putInt(at + REVENTS + 4, 0);
  }
}
