package plyfs.options;

/**
 * How the kernel treats opens.
 *
 * <p>In each, a file keeps its cached pages from one open to the next, across copy-up too, because
 * the node id stays and no data changes behind the kernel's back.
 *
 * @implNote Linux fs/fuse/file.c, fuse_file_open and fuse_flush
 */
public enum OpenPolicy {
  /**
   * The kernel is told once that there is no OPEN; from then on it opens, reads what it has cached
   * and closes without a request. READ and WRITE come without a handle. Truncation at an open comes
   * as a change of size, and copy-up happens at the first change, not at the open.
   */
  NONE,

  /** The server is told of each open. A write has reached the upper file when it returns. */
  CACHE,

  /**
   * As {@link #CACHE}, but the kernel reads and writes upper files itself, and all files of a mount
   * without an upper layer. A file that was opened before its copy-up stays as it was opened until
   * nobody has it open.
   */
  PASSTHROUGH,

  /**
   * As {@link #PASSTHROUGH}, and lower files of a mount with an upper layer, too. Whoever has one
   * open when it is copied up goes on reading the lower file.
   */
  PASSTHROUGH_ALL;

  /** Whether files are lent to the kernel. */
  public boolean isPassthrough() {
    return this == PASSTHROUGH || this == PASSTHROUGH_ALL;
  }

  /** Whether files are opened by requests, and so have handles. */
  public boolean hasHandles() {
    return this != NONE;
  }
}
