package plyfs.fuse;

import java.io.IOException;
import java.nio.ByteBuffer;
import plyfs.fuse.abi.InitFlags;
import plyfs.fuse.abi.InitIn;
import plyfs.fuse.abi.InitOut;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.MountSyscalls;

/**
 * Replies to INIT.
 *
 * @implNote Linux fs/fuse/inode.c, process_init_reply
 */
final class Handshake {
  private static final int MAJOR = 7;

  /** The newest protocol version that Plyfs supports. */
  private static final int MINOR = 45;

  /** Linux 5.4; older kernels lack too many features. */
  private static final int MIN_MINOR = 31;

  /** Pages in a request, for a kernel without MAX_PAGES. */
  private static final int OLD_MAX_PAGES = 32;

  private static final long FLAGS2 = 0xffffffff_00000000L;

  private final InitOptions wanted;
  private final int pageSize = MountSyscalls.pageSize();

  private Handshake(InitOptions wanted) {
    this.wanted = wanted;
  }

  /**
   * Waits for INIT and replies.
   *
   * @throws IOException if the kernel is too old or the mount ended
   */
  static InitResult run(Channel channel, InitOptions wanted) throws IOException {
    Exchange exchange;
    try {
      exchange = channel.next();
    } catch (ErrnoException e) {
      throw new IOException("cannot read from /dev/fuse: " + e.getMessage(), e);
    }
    if (exchange == null) {
      throw new IOException("the mount ended before it was ready: mount it again");
    }
    Handshake handshake = new Handshake(wanted);
    try {
      return handshake.answer(exchange);
    } finally {
      channel.complete(exchange);
    }
  }

  private InitResult answer(Exchange exchange) throws IOException {
    Request request = exchange.request();
    Reply reply = exchange.reply();
    if (request.opcodeNumber() != Opcode.INIT.number() || request.opSize() < InitIn.SIZEOF_SHORT) {
      reply.error(Errno.EIO);
      throw new IOException(
          "the first request of the kernel has opcode "
              + request.opcodeNumber()
              + " and "
              + request.opSize()
              + " bytes, but INIT was expected: mount again on a new descriptor");
    }
    int major = InitIn.major(request);
    int minor = InitIn.minor(request);
    if (major != MAJOR || minor < MIN_MINOR) {
      reply.error(Errno.EIO);
      throw new IOException(
          "the kernel speaks FUSE protocol %d.%d, but Plyfs needs 7.%d or a later 7.x: use Linux 5.4 or newer"
              .formatted(major, minor, MIN_MINOR));
    }
    InitResult result = negotiate(request, minor);
    reply.send(write(reply.content(), result));
    return result;
  }

  private InitResult negotiate(Request request, int kernelMinor) {
    long offered = InitIn.allFlags(request);
    long flags = (wanted.flags() | InitFlags.MAX_PAGES) & offered;
    if ((flags & FLAGS2) != 0) {
      flags |= InitFlags.INIT_EXT;
    }
    boolean isLarge = (flags & InitFlags.MAX_PAGES) != 0;
    int maxPages = isLarge ? (wanted.maxWrite() + pageSize - 1) / pageSize : OLD_MAX_PAGES;
    maxPages = Math.min(maxPages, 0xffff);
    int maxWrite = Math.min(wanted.maxWrite(), maxPages * pageSize);
    return new InitResult(
        Math.min(MINOR, kernelMinor),
        kernelMinor,
        offered,
        flags,
        maxWrite,
        maxPages,
        InitIn.maxReadahead(request));
  }

  private int write(ByteBuffer b, InitResult result) {
    for (int i = 0; i < InitOut.SIZEOF; i += Long.BYTES) {
      b.putLong(i, 0);
    }
    int background = wanted.maxBackground();
    b.putInt(InitOut.MAJOR, MAJOR)
        .putInt(InitOut.MINOR, result.minor())
        .putInt(InitOut.MAX_READAHEAD, result.maxReadahead())
        .putInt(InitOut.FLAGS, (int) result.flags())
        .putShort(InitOut.MAX_BACKGROUND, (short) background)
        .putShort(InitOut.CONGESTION_THRESHOLD, (short) (background * 3 / 4))
        .putInt(InitOut.MAX_WRITE, result.maxWrite())
        .putInt(InitOut.TIME_GRAN, 1)
        .putInt(InitOut.FLAGS2, (int) (result.flags() >>> 32));
    if (result.has(InitFlags.MAX_PAGES)) {
      b.putShort(InitOut.MAX_PAGES, (short) result.maxPages());
    }
    if (result.has(InitFlags.PASSTHROUGH)) {
      b.putInt(InitOut.MAX_STACK_DEPTH, wanted.maxStackDepth());
    }
    return InitOut.SIZEOF;
  }
}
