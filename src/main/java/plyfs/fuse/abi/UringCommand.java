package plyfs.fuse.abi;

/**
 * {@code struct fuse_uring_cmd_req}, 24 bytes, since 7.42: the command's own part of a submission.
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class UringCommand {
  /** Registers an entry and waits for its first request; points to two {@code struct iovec}. */
  public static final int REGISTER = 1;

  /** Gives a reply and waits for the next request. */
  public static final int COMMIT_AND_FETCH = 2;

  public static final int FLAGS = 0;
  public static final int COMMIT_ID = 8;
  public static final int QUEUE = 16;
  public static final int SIZEOF = 24;

  private UringCommand() {}
}
