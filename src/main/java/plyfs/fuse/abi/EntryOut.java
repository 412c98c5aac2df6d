package plyfs.fuse.abi;

import java.nio.ByteBuffer;

/**
 * {@code struct fuse_entry_out}, 128 bytes: answers LOOKUP and all that makes a name: MKNOD, MKDIR,
 * SYMLINK, LINK; starts the answer to CREATE and TMPFILE, before {@link OpenOut}. Each one with a
 * node id other than 0 counts one lookup.
 *
 * <p>{@code [u64 nodeid][u64 generation][u64 entry_valid][u64 attr_valid][u32 entry_valid_nsec][u32
 * attr_valid_nsec][attr]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class EntryOut {
  public static final int NODEID = 0;
  public static final int GENERATION = 8;
  public static final int ENTRY_VALID = 16;
  public static final int ATTR_VALID = 24;
  public static final int ENTRY_VALID_NSEC = 32;
  public static final int ATTR_VALID_NSEC = 36;
  public static final int ATTR = 40;
  public static final int SIZEOF = 128;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private EntryOut() {}

  /**
   * Writes all but the attributes, which {@link Attr#put} writes at {@code at + ATTR}.
   *
   * @param entryNanos how long the kernel may keep the name, ns
   * @param attrNanos how long it may keep the attributes, ns
   */
  public static void put(ByteBuffer b, int at, long nodeId, long entryNanos, long attrNanos) {
    b.putLong(at + NODEID, nodeId)
        .putLong(at + GENERATION, 0)
        .putLong(at + ENTRY_VALID, entryNanos / NANOS_PER_SECOND)
        .putLong(at + ATTR_VALID, attrNanos / NANOS_PER_SECOND)
        .putInt(at + ENTRY_VALID_NSEC, (int) (entryNanos % NANOS_PER_SECOND))
        .putInt(at + ATTR_VALID_NSEC, (int) (attrNanos % NANOS_PER_SECOND));
  }

  /**
   * Writes a whole entry that says "no such name", with node id 0.
   *
   * @param entryNanos how long the kernel may believe it, ns; 0 means not at all
   */
  public static void putMiss(ByteBuffer b, int at, long entryNanos) {
    put(b, at, 0, entryNanos, 0);
    for (int i = ATTR; i < SIZEOF; i += Long.BYTES) {
      b.putLong(at + i, 0);
    }
  }
}
