package plyfs.fuse.abi;

import java.nio.ByteBuffer;

/**
 * {@code struct fuse_notify_inval_inode_out}, 24 bytes: drop what is cached of a node.
 *
 * <p>{@code [u64 ino][u64 off][u64 len]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class NotifyInvalInodeOut {
  public static final int INO = 0;
  public static final int OFF = 8;
  public static final int LEN = 16;
  public static final int SIZEOF = 24;

  /** Code of the notification, in the error field of its header. */
  public static final int FUSE_NOTIFY_INVAL_INODE = 2;

  private NotifyInvalInodeOut() {}

  /**
   * Writes it.
   *
   * @param off first byte of data to drop; negative drops attributes alone
   * @param len bytes; 0 or less means up to the end
   */
  public static void put(ByteBuffer b, int at, long nodeId, long off, long len) {
    b.putLong(at + INO, nodeId).putLong(at + OFF, off).putLong(at + LEN, len);
  }
}
