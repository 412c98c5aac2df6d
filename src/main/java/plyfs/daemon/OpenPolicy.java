package plyfs.daemon;

import plyfs.fuse.abi.OpenOut;

/**
 * How the kernel treats opens: the one place that sets {@code FOPEN_*} flags.
 *
 * <p>Page cache: every file keeps its cached pages from one open to the next, across copy-up too,
 * because the node id stays and no data changes behind the kernel's back. Closing sends no FLUSH: a
 * write has reached the upper file when it returns. The lists of directories are not kept by the
 * kernel, so that a position in an open directory always means the server's own snapshot.
 */
final class OpenPolicy {
  private OpenPolicy() {}

  /** {@code FOPEN_*} of a regular file. */
  static int forFile() {
    return OpenOut.FOPEN_KEEP_CACHE | OpenOut.FOPEN_NOFLUSH;
  }

  /** {@code FOPEN_*} of a directory. */
  static int forDirectory() {
    return 0;
  }
}
