package plyfs.fuse;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;
import plyfs.fuse.abi.InHeader;
import plyfs.fuse.abi.OutHeader;
import plyfs.fuse.abi.WriteIn;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Loggers;
import plyfs.sys.Syscalls;
import plyfs.sys.UntouchedMemory;

/**
 * Receives requests by read(2) and sends each reply by one write(2), through one descriptor of
 * /dev/fuse.
 *
 * <p>It has two buffers, so that a handler can write the reply while it still reads the request:
 * {@code [in_header][op][payload]}, where the data of a WRITE is aligned to a page, and {@code
 * [out_header][content]}, where the content is aligned to a page.
 */
final class DevFuseChannel implements Channel {
  private static final Logger LOG = Loggers.named("plyfs.fuse");

  /** The kernel requires a buffer of at least this size. */
  private static final int MIN_READ_BYTES = 8192;

  private static final int WRITE_HEADERS = InHeader.SIZEOF + WriteIn.SIZEOF;

  private final Fd fd;
  private final boolean isOwner;
  private final ByteBuffer in;
  private final long inAddress;
  private final ByteBuffer out;
  private final long outAddress;
  private final int setxattrBytes;
  private final Exchange exchange;
  private final BusyPolling polling;
  private boolean isNonblocking;

  /**
   * A channel.
   *
   * @param fd of /dev/fuse, closed with the channel if {@code isOwner}
   * @param polling only with a descriptor that no other worker reads from
   */
  DevFuseChannel(Fd fd, InitResult limits, boolean isOwner, BusyPolling polling) {
    this.fd = fd;
    this.polling = polling;
    this.isOwner = isOwner;
    this.setxattrBytes = limits.setxattrInBytes();
    int inBytes = Math.max(MIN_READ_BYTES, WRITE_HEADERS + limits.requestBytes());
    this.in = UntouchedMemory.allocate(WRITE_HEADERS, inBytes);
    this.inAddress = Syscalls.addressOf(in);
    this.out = UntouchedMemory.allocate(OutHeader.SIZEOF, OutHeader.SIZEOF + limits.replyBytes());
    this.outAddress = Syscalls.addressOf(out);
    Request request = new Request(in, inAddress);
    ByteBuffer content = out.slice(OutHeader.SIZEOF, limits.replyBytes());
    Reply reply = new Reply(content.order(ByteOrder.nativeOrder()), outAddress + OutHeader.SIZEOF);
    this.exchange = new Exchange(request, reply);
  }

  @Override
  public @Nullable Exchange next() throws ErrnoException {
    while (true) {
      long result = read();
      if (result >= InHeader.SIZEOF) {
        place((int) result);
        return exchange;
      }
      switch ((int) -result) {
        // ENOENT: the kernel withdrew the request during the read, because its caller was killed.
        case Errno.EINTR, Errno.EAGAIN, Errno.ENOENT -> {}
        case Errno.ENODEV, Errno.ECONNABORTED -> {
          return null;
        }
        default -> throw ErrnoException.of(result < 0 ? (int) -result : Errno.EIO);
      }
    }
  }

  private long read() {
    if (polling.isNever()) {
      return readOnce();
    }
    if (polling.begin()) {
      boolean found = false;
      try {
        long result = poll();
        found = result != -Errno.EAGAIN;
        if (found) {
          return result;
        }
      } finally {
        polling.end(found);
      }
    }
    setNonblocking(false);
    long began = System.nanoTime();
    long result = readOnce();
    polling.slept(System.nanoTime() - began);
    return result;
  }

  /** Polls until a request comes or the time is over; EAGAIN if none came. */
  private long poll() {
    setNonblocking(true);
    long deadline = polling.deadline();
    while (true) {
      long result = readOnce();
      if (result != -Errno.EAGAIN || System.nanoTime() - deadline > 0) {
        return result;
      }
      Syscalls.yieldProcessor(); // lets other threads run first
    }
  }

  private void setNonblocking(boolean wanted) {
    if (isNonblocking != wanted) {
      FileSyscalls.setNonblocking(fd, wanted);
      isNonblocking = wanted;
    }
  }

  private long readOnce() {
    return FileSyscalls.readInterruptibly(fd, inAddress, in.capacity());
  }

  private void place(int bytes) {
    exchange.open();
    Request request = exchange.request();
    request.load();
    int body = bytes - InHeader.SIZEOF;
    int extensions = request.extensionBytes();
    boolean isWhole = request.size() == bytes && extensions <= body;
    Opcode opcode = Opcode.of(request.opcodeNumber());
    // A later protocol may extend a struct, but only if no payload follows it.
    int struct =
        opcode == null || !opcode.hasPayload()
            ? body
            : opcode == Opcode.SETXATTR ? setxattrBytes : opcode.inSize();
    int opBytes = isWhole ? Math.min(struct, body) : 0;
    int payloadBytes = isWhole ? Math.max(0, body - opBytes - extensions) : 0;
    request.place(opBytes, InHeader.SIZEOF + opBytes, payloadBytes);
  }

  @Override
  public void complete(Exchange done) {
    Reply reply = done.reply();
    if (!reply.isDone()) {
      return;
    }
    long unique = done.request().unique();
    long result = write(OutHeader.SIZEOF + reply.length(), -reply.errno(), unique);
    if (result >= 0 || result == -Errno.ENODEV) {
      return;
    }
    done.refuse();
    if (result != -Errno.ENOENT) {
      LOG.log(
          Level.ERROR,
          "the kernel rejected a reply of {0} bytes: {1}",
          reply.length(),
          ErrnoException.of((int) -result).getMessage());
      // Unless this error ended the request, its caller still waits.
      write(OutHeader.SIZEOF, -Errno.EIO, unique);
    }
  }

  private long write(int length, int error, long unique) {
    OutHeader.put(out, 0, length, error, unique);
    return FileSyscalls.write(fd, outAddress, length);
  }

  @Override
  public void close() {
    if (isOwner) {
      fd.close();
    }
  }
}
