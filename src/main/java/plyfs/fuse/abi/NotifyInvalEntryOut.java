package plyfs.fuse.abi;

import java.nio.ByteBuffer;

/**
 * {@code struct fuse_notify_inval_entry_out}, 16 bytes: forget a name. The name and a NUL follow.
 *
 * <p>{@code [u64 parent][u32 namelen][u32 flags]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class NotifyInvalEntryOut {
  public static final int PARENT = 0;
  public static final int NAMELEN = 8;
  public static final int FLAGS = 12;
  public static final int SIZEOF = 16;

  /** Code of the notification, in the error field of its header. */
  public static final int FUSE_NOTIFY_INVAL_ENTRY = 3;

  private NotifyInvalEntryOut() {}

  /**
   * Writes it, without the name.
   *
   * @param nameBytes without the NUL
   */
  public static void put(ByteBuffer b, int at, long parent, int nameBytes) {
    b.putLong(at + PARENT, parent).putInt(at + NAMELEN, nameBytes).putInt(at + FLAGS, 0);
  }
}
