package plyfs.options;

/**
 * How the kernel handles opens.
 *
 * <p>With each policy a file keeps its cached pages from one open to the next, even over a copy-up:
 * the node id stays the same, and every change of the data goes through the kernel.
 *
 * @implNote Linux fs/fuse/file.c, fuse_file_open and fuse_flush
 */
public enum OpenPolicy {
  /**
   * The daemon refuses OPEN once. From then on the kernel opens files, reads cached data and closes
   * them without a request. READ and WRITE come without a handle. A truncation at open comes as a
   * change of size. Copy-up happens at the first change, not at the open.
   */
  NONE,

  /**
   * The kernel sends a request for each open. A write has reached the upper file when it returns.
   */
  CACHE,

  /**
   * As {@link #CACHE}, but the kernel itself reads and writes upper files, and all files of a mount
   * without an upper layer. A file that was opened before its copy-up keeps its mode of access
   * until its last close.
   */
  PASSTHROUGH,

  /**
   * As {@link #PASSTHROUGH}, but the kernel also reads lower files of a mount with an upper layer.
   * A program that has such a file open during its copy-up continues to read the lower file.
   */
  PASSTHROUGH_ALL;

  /** Whether the daemon lends files to the kernel. */
  public boolean isPassthrough() {
    return this == PASSTHROUGH || this == PASSTHROUGH_ALL;
  }

  /** Whether the kernel sends OPEN, so that files have handles. */
  public boolean hasHandles() {
    return this != NONE;
  }
}
