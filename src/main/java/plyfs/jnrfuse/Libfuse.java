package plyfs.jnrfuse;

import jnr.ffi.annotations.IgnoreError;

/**
 * What jnr-fuse does not bind of libfuse 2.9: its main loop in pieces, so that the threads are
 * ours. Native functions only. Addresses are {@code long}.
 */
@SuppressWarnings("MemberName")
public interface Libfuse {
  /** Parses the arguments and mounts; 0 on failure, after a message on standard error. */
  @IgnoreError
  long fuse_setup(
      int argc,
      long argv,
      long operations,
      long operationsSize,
      long mountpointOut,
      long multithreadedOut,
      long userData);

  /** Unmounts if that has not happened, and frees everything, the mount point too. */
  @IgnoreError
  void fuse_teardown(long fuse, long mountpoint);

  @IgnoreError
  long fuse_get_session(long fuse);

  @IgnoreError
  long fuse_session_next_chan(long session, long previous);

  /** Bytes that the longest request takes. */
  @IgnoreError
  long fuse_chan_bufsize(long channel);

  /** Waits for a request: its length, 0 when the mount is gone, or a negated error number. */
  @IgnoreError
  int fuse_session_receive_buf(long session, long buffer, long channelInOut);

  /** Calls the operation that a request asks for, and answers. */
  @IgnoreError
  void fuse_session_process_buf(long session, long buffer, long channel);
}
