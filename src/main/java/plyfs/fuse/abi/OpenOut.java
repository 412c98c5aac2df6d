package plyfs.fuse.abi;

import plyfs.sys.Words;

/**
 * {@code struct fuse_open_out}, 16 bytes: answers OPEN and OPENDIR; ends the answer to CREATE and
 * TMPFILE.
 *
 * <p>{@code [u64 fh][u32 open_flags][u32 backing_id]}
 *
 * @implNote include/uapi/linux/fuse.h
 */
public final class OpenOut {
  public static final int FH = 0;
  public static final int OPEN_FLAGS = 8;
  public static final int BACKING_ID = 12;
  public static final int SIZEOF = 16;
  public static final int WORDS = SIZEOF / Long.BYTES;

  /** Bypass the page cache. */
  public static final int FOPEN_DIRECT_IO = 1 << 0;

  /** Keep the pages of earlier opens. EINVAL for the caller together with passthrough. */
  public static final int FOPEN_KEEP_CACHE = 1 << 1;

  public static final int FOPEN_NONSEEKABLE = 1 << 2;

  /** Let the kernel keep the listing. Since 7.28. */
  public static final int FOPEN_CACHE_DIR = 1 << 3;

  public static final int FOPEN_STREAM = 1 << 4;

  /** Send no FLUSH at close. Since 7.35. */
  public static final int FOPEN_NOFLUSH = 1 << 5;

  /** Only with {@link #FOPEN_DIRECT_IO}. Since 7.38. */
  public static final int FOPEN_PARALLEL_DIRECT_WRITES = 1 << 6;

  /** Read and write go to the backing file. Since 7.40. */
  public static final int FOPEN_PASSTHROUGH = 1 << 7;

  private OpenOut() {}

  /**
   * Writes it.
   *
   * @param at index of its first word
   * @param openFlags {@code FOPEN_*}, never the flags of the request: {@code O_EXCL} is {@link
   *     #FOPEN_PASSTHROUGH}
   * @param backingId 0 without {@link #FOPEN_PASSTHROUGH}
   */
  public static void put(long[] words, int at, long fh, int openFlags, int backingId) {
    words[at + FH / Long.BYTES] = fh;
    words[at + OPEN_FLAGS / Long.BYTES] = Words.pair(openFlags, backingId);
  }
}
