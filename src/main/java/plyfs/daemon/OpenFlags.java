package plyfs.daemon;

import plyfs.fuse.abi.InitFlags;
import plyfs.fuse.abi.OpenOut;
import plyfs.options.OpenPolicy;

/**
 * The one place that sets {@code FOPEN_*} flags, or refuses to be told of opens at all.
 *
 * @implNote Linux fs/fuse/file.c, fuse_file_open and fuse_flush
 */
final class OpenFlags {
  private OpenFlags() {}

  /** What to ask the kernel for at INIT, and what not: the flags of {@code asked}, changed. */
  static long atInit(OpenPolicy policy, long asked) {
    return switch (policy) {
      // With ATOMIC_O_TRUNC the truncation would be lost together with the OPEN.
      case NONE -> asked & ~InitFlags.ATOMIC_O_TRUNC | InitFlags.NO_OPEN_SUPPORT;
      case CACHE -> asked;
      case PASSTHROUGH, PASSTHROUGH_ALL -> asked | InitFlags.PASSTHROUGH;
    };
  }

  /**
   * {@code FOPEN_*} of a regular file.
   *
   * @param isLent whether the kernel reads and writes it itself
   */
  static int ofFile(OpenPolicy policy, boolean isLent) {
    if (isLent) {
      return OpenOut.FOPEN_PASSTHROUGH | OpenOut.FOPEN_NOFLUSH;
    }
    return OpenOut.FOPEN_KEEP_CACHE | (policy == OpenPolicy.NONE ? 0 : OpenOut.FOPEN_NOFLUSH);
  }
}
