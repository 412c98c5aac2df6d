package plyfs.fuse;

import plyfs.fuse.abi.InitFlags;

/**
 * The features that a session requests from the kernel. It gets only those that the kernel offers.
 *
 * @param flags {@link InitFlags}, without MAX_PAGES and INIT_EXT, which are derived from the others
 * @param maxWrite most bytes in one READ or WRITE
 * @param maxBackground number of requests that the kernel sends without a waiting caller; 0 for its
 *     default
 * @param maxStackDepth with PASSTHROUGH: 1 if backing files are on plain file systems, 2 if they
 *     may be on an overlay
 */
public record InitOptions(long flags, int maxWrite, int maxBackground, int maxStackDepth) {
  /** Bytes. */
  private static final int DEFAULT_MAX_WRITE = 1 << 20;

  /**
   * Checks the values.
   *
   * @throws IllegalArgumentException for values that the kernel does not accept or that exclude
   *     each other
   */
  public InitOptions {
    if (maxWrite < 4096 || maxWrite > 1 << 28) {
      throw new IllegalArgumentException(
          "max_write is " + maxWrite + " bytes; choose from 4096 to " + (1 << 28));
    }
    if (maxBackground < 0 || maxBackground > 0xffff) {
      throw new IllegalArgumentException(
          "max_background is " + maxBackground + "; choose from 0 to 65535");
    }
    boolean isPassthrough = (flags & InitFlags.PASSTHROUGH) != 0;
    if (isPassthrough && (flags & InitFlags.WRITEBACK_CACHE) != 0) {
      throw new IllegalArgumentException(
          "passthrough and the writeback cache exclude each other: disable one of them");
    }
    if (isPassthrough ? maxStackDepth < 1 || maxStackDepth > 2 : maxStackDepth != 0) {
      throw new IllegalArgumentException(
          "max_stack_depth is " + maxStackDepth + "; choose 1 or 2 with passthrough, else 0");
    }
  }

  /** The defaults of a mount. */
  public static InitOptions defaults() {
    long flags =
        InitFlags.ASYNC_READ
            | InitFlags.BIG_WRITES
            | InitFlags.ATOMIC_O_TRUNC
            | InitFlags.DONT_MASK
            | InitFlags.POSIX_ACL
            | InitFlags.HANDLE_KILLPRIV_V2
            | InitFlags.SETXATTR_EXT
            | InitFlags.PARALLEL_DIROPS
            | InitFlags.DO_READDIRPLUS
            | InitFlags.READDIRPLUS_AUTO
            | InitFlags.EXPLICIT_INVAL_DATA
            | InitFlags.CACHE_SYMLINKS
            | InitFlags.ABORT_ERROR
            | InitFlags.ALLOW_IDMAP
            | InitFlags.NO_OPENDIR_SUPPORT
            | InitFlags.NO_EXPORT_SUPPORT;
    return new InitOptions(flags, DEFAULT_MAX_WRITE, 0, 0);
  }

  /** These options and more flags. */
  public InitOptions with(long more) {
    return new InitOptions(flags | more, maxWrite, maxBackground, maxStackDepth);
  }

  /** These options without some flags. */
  public InitOptions without(long fewer) {
    return new InitOptions(flags & ~fewer, maxWrite, maxBackground, maxStackDepth);
  }

  /** These options with another maximum size of READ and WRITE. */
  public InitOptions withMaxWrite(int bytes) {
    return new InitOptions(flags, bytes, maxBackground, maxStackDepth);
  }

  /** These options with passthrough of reads and writes to backing files. */
  public InitOptions withPassthrough(int stackDepth) {
    return new InitOptions(flags | InitFlags.PASSTHROUGH, maxWrite, maxBackground, stackDepth);
  }
}
