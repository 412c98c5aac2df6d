package plyfs.daemon;

import plyfs.fuse.abi.InitFlags;
import plyfs.fuse.abi.OpenOut;
import plyfs.options.OpenPolicy;

/**
 * Sets the {@code FOPEN_*} flags, or refuses OPEN altogether.
 *
 * @implNote Linux fs/fuse/file.c, fuse_file_open and fuse_flush
 */
final class OpenFlags {
  private OpenFlags() {}

  /** The INIT flags to request: {@code asked}, changed for the open policy. */
  static long atInit(OpenPolicy policy, long asked) {
    return switch (policy) {
      // With ATOMIC_O_TRUNC the kernel would not send the truncation if it sends no OPEN.
      case NONE -> asked & ~InitFlags.ATOMIC_O_TRUNC | InitFlags.NO_OPEN_SUPPORT;
      case CACHE -> asked;
      case PASSTHROUGH, PASSTHROUGH_ALL -> asked | InitFlags.PASSTHROUGH;
    };
  }

  /**
   * {@code FOPEN_*} flags for a regular file.
   *
   * @param isLent whether the kernel reads and writes the file itself
   */
  static int ofFile(OpenPolicy policy, boolean isLent) {
    if (isLent) {
      return OpenOut.FOPEN_PASSTHROUGH | OpenOut.FOPEN_NOFLUSH;
    }
    return OpenOut.FOPEN_KEEP_CACHE | (policy == OpenPolicy.NONE ? 0 : OpenOut.FOPEN_NOFLUSH);
  }
}
