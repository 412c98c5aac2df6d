package plyfs.jnrfuse;

import jnr.ffi.annotations.IgnoreError;

/**
 * The functions of libfuse 2.9 that jnr-fuse does not bind: the parts of its main loop, so that
 * Plyfs can run it in its own threads. Native functions only. Addresses are {@code long}.
 */
@SuppressWarnings("MemberName")
public interface Libfuse {
  /** Parses the arguments and mounts; returns 0 on failure, after a message on standard error. */
  @IgnoreError
  long fuse_setup(
      int argc,
      long argv,
      long operations,
      long operationsSize,
      long mountpointOut,
      long multithreadedOut,
      long userData);

  /** Unmounts if the mount still exists, and frees everything, including the mount point string. */
  @IgnoreError
  void fuse_teardown(long fuse, long mountpoint);

  @IgnoreError
  long fuse_get_session(long fuse);

  @IgnoreError
  long fuse_session_next_chan(long session, long previous);

  /** Size of the longest request, bytes. */
  @IgnoreError
  long fuse_chan_bufsize(long channel);

  /**
   * Waits for a request; returns its length, 0 when the mount has ended, or a negated error number.
   */
  @IgnoreError
  int fuse_session_receive_buf(long session, long buffer, long channelInOut);

  /** Calls the operation for a request, and replies. */
  @IgnoreError
  void fuse_session_process_buf(long session, long buffer, long channel);
}
