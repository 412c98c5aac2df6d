package plyfs.fuse.abi;

import java.util.Arrays;
import plyfs.sys.Words;

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
  public static final int WORDS = SIZEOF / Long.BYTES;
  public static final int ATTR_WORD = ATTR / Long.BYTES;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private EntryOut() {}

  /**
   * Writes all but the attributes, which {@link Attr#put} writes at {@code at + ATTR_WORD}.
   *
   * @param at index of its first word
   * @param entryNanos how long the kernel may keep the name, ns
   * @param attrNanos how long it may keep the attributes, ns
   */
  public static void put(long[] words, int at, long nodeId, long entryNanos, long attrNanos) {
    words[at + NODEID / Long.BYTES] = nodeId;
    words[at + GENERATION / Long.BYTES] = 0;
    words[at + ENTRY_VALID / Long.BYTES] = entryNanos / NANOS_PER_SECOND;
    words[at + ATTR_VALID / Long.BYTES] = attrNanos / NANOS_PER_SECOND;
    words[at + ENTRY_VALID_NSEC / Long.BYTES] =
        Words.pair((int) (entryNanos % NANOS_PER_SECOND), (int) (attrNanos % NANOS_PER_SECOND));
  }

  /**
   * Writes a whole entry that says "no such name", with node id 0.
   *
   * @param entryNanos how long the kernel may believe it, ns; 0 means not at all
   */
  public static void putMiss(long[] words, int at, long entryNanos) {
    put(words, at, 0, entryNanos, 0);
    Arrays.fill(words, at + ATTR_WORD, at + WORDS, 0);
  }
}
