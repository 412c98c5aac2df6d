package plyfs.fuse.abi;

import plyfs.sys.Words;

/**
 * {@code struct fuse_attr_out}, 104 bytes: answers GETATTR and SETATTR.
 *
 * <p>{@code [u64 attr_valid][u32 attr_valid_nsec][u32 dummy][attr]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class AttrOut {
  public static final int ATTR_VALID = 0;
  public static final int ATTR_VALID_NSEC = 8;
  public static final int ATTR = 16;
  public static final int SIZEOF = 104;
  public static final int WORDS = SIZEOF / Long.BYTES;
  public static final int ATTR_WORD = ATTR / Long.BYTES;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private AttrOut() {}

  /**
   * Writes all but the attributes, which {@link Attr#put} writes at {@code at + ATTR_WORD}.
   *
   * @param at index of its first word
   * @param attrNanos how long the kernel may keep the attributes, ns
   */
  public static void put(long[] words, int at, long attrNanos) {
    words[at + ATTR_VALID / Long.BYTES] = attrNanos / NANOS_PER_SECOND;
    words[at + ATTR_VALID_NSEC / Long.BYTES] = Words.pair((int) (attrNanos % NANOS_PER_SECOND), 0);
  }
}
