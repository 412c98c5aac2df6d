package plyfs.jnrfuse;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import org.jspecify.annotations.Nullable;
import plyfs.sys.Errno;

/**
 * The main loop of libfuse in a thread of Plyfs. The loop of libfuse itself would start threads
 * that the JVM has to attach for each call into Java. In addition, only this loop knows which
 * request a call belongs to.
 *
 * @implNote libfuse 2.9, lib/fuse_loop.c and struct fuse_buf in include/fuse_common.h
 */
final class RequestLoop implements Runnable, PendingRequest {
  /** {@code struct fuse_in_header}; the request's own structure follows. */
  private static final int OPCODE = 4;

  private static final int UID = 24;
  private static final int GID = 28;
  private static final int PID = 32;
  private static final int HEADER_BYTES = 40;
  private static final int RENAME_IN_BYTES = 8;

  /** The opcode and {@code struct fuse_ioctl_in}, from the start of the request. */
  private static final int IOCTL = 39;

  private static final int IOCTL_COMMAND = HEADER_BYTES + 12;
  private static final int IOCTL_OUT_SIZE = HEADER_BYTES + 28;

  /** {@code struct fuse_buf}. */
  private static final int BUF_SIZE = 0;

  private static final int BUF_FLAGS = 8;
  private static final int BUF_MEM = 16;
  private static final int BUF_FD = 24;
  private static final int BUF_POS = 32;
  private static final int BUF_BYTES = 40;

  private static final ThreadLocal<@Nullable RequestLoop> CURRENT = new ThreadLocal<>();

  private final Libfuse libfuse;
  private final long session;
  private final long channel;
  private final long size;
  private final Pointer request;
  private final Pointer buffer;
  private final Pointer channelInOut;
  private final Runnable atEnd;

  RequestLoop(Libfuse libfuse, long fuse, Runnable atEnd) {
    Runtime runtime = Runtime.getRuntime(libfuse);
    this.libfuse = libfuse;
    this.session = libfuse.fuse_get_session(fuse);
    this.channel = libfuse.fuse_session_next_chan(session, 0);
    this.size = libfuse.fuse_chan_bufsize(channel);
    this.request = Memory.allocateDirect(runtime, Math.toIntExact(size));
    this.buffer = Memory.allocateDirect(runtime, BUF_BYTES);
    this.channelInOut = Memory.allocateDirect(runtime, Long.BYTES);
    this.atEnd = atEnd;
  }

  /** The loop of this thread. */
  static RequestLoop current() {
    RequestLoop current = CURRENT.get();
    if (current == null) {
      throw new IllegalStateException("not in a thread that serves requests");
    }
    return current;
  }

  @Override
  public void run() {
    CURRENT.set(this);
    try {
      int received;
      do {
        received = receive();
        if (received > 0) {
          giveNothingToUnknownIoctls();
          libfuse.fuse_session_process_buf(session, buffer.address(), channelInOut.getLong(0));
        }
      } while (received > 0 || received == -Errno.EINTR);
    } finally {
      atEnd.run();
    }
  }

  /**
   * Replies to unknown ioctls without content. libfuse returns data even if its ioctl failed, as
   * much as the number of the ioctl says: 8 bytes for FS_IOC_GETVERSION, where lsattr(1) has an int
   * on its stack.
   *
   * @implNote libfuse 2.9, lib/fuse.c, fuse_lib_ioctl
   */
  private void giveNothingToUnknownIoctls() {
    if (opcode() == IOCTL && !FlagOperations.isKnown(request.getInt(IOCTL_COMMAND))) {
      request.putInt(IOCTL_OUT_SIZE, 0);
    }
  }

  private int receive() {
    buffer.putLong(BUF_SIZE, size);
    buffer.putInt(BUF_FLAGS, 0);
    buffer.putLong(BUF_MEM, request.address());
    buffer.putInt(BUF_FD, -1);
    buffer.putLong(BUF_POS, 0);
    channelInOut.putLong(0, channel);
    return libfuse.fuse_session_receive_buf(session, buffer.address(), channelInOut.address());
  }

  @Override
  public int opcode() {
    return request.getInt(OPCODE);
  }

  @Override
  public int uid() {
    return request.getInt(UID);
  }

  @Override
  public int gid() {
    return request.getInt(GID);
  }

  @Override
  public int pid() {
    return request.getInt(PID);
  }

  @Override
  public String newNameOfRename() {
    int length = Math.toIntExact(buffer.getLong(BUF_SIZE));
    int at = HEADER_BYTES + RENAME_IN_BYTES;
    byte[] names = new byte[length - at];
    request.get(at, names, 0, names.length);
    int start = indexOfNul(names, 0) + 1;
    byte[] name = Arrays.copyOfRange(names, start, indexOfNul(names, start));
    return new String(name, StandardCharsets.ISO_8859_1);
  }

  private static int indexOfNul(byte[] bytes, int from) {
    int at = from;
    while (bytes[at] != 0) {
      at++;
    }
    return at;
  }
}
