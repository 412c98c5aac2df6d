package plyfs.fuse.abi;

import java.nio.ByteBuffer;

/**
 * {@code struct fuse_notify_delete_out}, 24 bytes: a name is gone, and watchers shall hear of it.
 * The name and a NUL follow.
 *
 * <p>{@code [u64 parent][u64 child][u32 namelen][u32 padding]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class NotifyDeleteOut {
  public static final int PARENT = 0;
  public static final int CHILD = 8;
  public static final int NAMELEN = 16;
  public static final int SIZEOF = 24;

  /** Code of the notification, in the error field of its header. */
  public static final int FUSE_NOTIFY_DELETE = 6;

  private NotifyDeleteOut() {}

  /**
   * Writes it, without the name.
   *
   * @param nameBytes without the NUL
   */
  public static void put(ByteBuffer b, int at, long parent, long child, int nameBytes) {
    b.putLong(at + PARENT, parent)
        .putLong(at + CHILD, child)
        .putInt(at + NAMELEN, nameBytes)
        .putInt(at + NAMELEN + 4, 0);
  }
}
