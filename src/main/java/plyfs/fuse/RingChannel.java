package plyfs.fuse;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;
import plyfs.fuse.abi.InHeader;
import plyfs.fuse.abi.OutHeader;
import plyfs.fuse.abi.UringCommand;
import plyfs.fuse.abi.UringHeader;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.IoUring;
import plyfs.sys.Loggers;
import plyfs.sys.MountSyscalls;
import plyfs.sys.Syscalls;
import plyfs.sys.UntouchedMemory;

/**
 * Requests of the programs on one CPU through an io_uring, served on that CPU: an answer is given
 * and the next request awaited by one system call, and nobody on another CPU has to be woken.
 *
 * <p>The kernel keeps a queue for each CPU and sends INTERRUPT and FORGET through /dev/fuse.
 * Request and reply share one payload: a handler has read the request before it writes the reply.
 *
 * @implNote Linux fs/fuse/dev_uring.c
 */
final class RingChannel implements Channel {
  private static final Logger LOG = Loggers.named("plyfs.fuse");

  private static final int ENTRIES = 2;

  /** {@code struct iovec[2]}: {@code [u64 address][u64 length]} of the header and the payload. */
  private static final int IOVECS_BYTES = 32;

  private final Fd device;
  private final int cpu;
  private final int setxattrBytes;
  private final int payloadBytes;
  private final ByteBuffer header;
  private final long headerAddress;
  private final long payloadAddress;
  private final Exchange exchange;
  private @Nullable IoUring ring;

  /**
   * A channel; its ring is made by the thread that uses it.
   *
   * @param device of /dev/fuse, lent
   */
  RingChannel(Fd device, int cpu, InitResult limits) {
    this.device = device;
    this.cpu = cpu;
    this.setxattrBytes = limits.setxattrInBytes();
    this.payloadBytes = Math.max(limits.requestBytes(), limits.replyBytes());
    this.header =
        ByteBuffer.allocateDirect(UringHeader.SIZEOF + IOVECS_BYTES).order(ByteOrder.nativeOrder());
    this.headerAddress = Syscalls.addressOf(header);
    ByteBuffer payload = UntouchedMemory.allocate(0, payloadBytes);
    this.payloadAddress = Syscalls.addressOf(payload);
    Request request = new Request(header, header, UringHeader.OP, payload, payloadAddress);
    ByteBuffer content = payload.slice(0, limits.replyBytes());
    Reply reply = new Reply(content.order(ByteOrder.nativeOrder()), payloadAddress);
    this.exchange = new Exchange(request, reply);
  }

  @Override
  public @Nullable Exchange next() throws ErrnoException {
    IoUring open = ring;
    if (open == null) {
      open = register();
    }
    while (!open.takeCompletion()) {
      int entered = open.enter();
      if (entered < 0 && entered != -Errno.EINTR) {
        throw ErrnoException.of(-entered);
      }
    }
    return switch (-open.result()) {
      case 0 -> {
        place();
        yield exchange;
      }
      case Errno.ENOTCONN, Errno.ECONNABORTED -> null;
      default -> {
        LOG.log(
            Level.ERROR,
            "requests of CPU {0} cannot come through io_uring: {1}",
            Integer.toString(cpu),
            ErrnoException.of(-open.result()).getMessage());
        yield null;
      }
    };
  }

  private IoUring register() throws ErrnoException {
    MountSyscalls.pinThread(cpu);
    IoUring made = new IoUring(ENTRIES);
    ring = made;
    int iovecs = UringHeader.SIZEOF;
    header
        .putLong(iovecs, headerAddress)
        .putLong(iovecs + 8, UringHeader.SIZEOF)
        .putLong(iovecs + 16, payloadAddress)
        .putLong(iovecs + 24, payloadBytes);
    command(made, UringCommand.REGISTER, headerAddress + iovecs, 2, 0);
    return made;
  }

  private void command(IoUring open, int command, long address, int length, long commitId) {
    int at = open.add(device, command, address, length);
    open.submissions()
        .putLong(at + UringCommand.COMMIT_ID, commitId)
        .putShort(at + UringCommand.QUEUE, (short) cpu);
  }

  private void place() {
    exchange.open();
    Request request = exchange.request();
    request.load();
    int payload = header.getInt(UringHeader.PAYLOAD_SIZE);
    int extensions = request.extensionBytes();
    int op = request.size() - InHeader.SIZEOF - payload;
    boolean isWhole = op >= 0 && op <= UringHeader.OP && extensions <= payload;
    Opcode opcode = Opcode.of(request.opcodeNumber());
    if (opcode == Opcode.SETXATTR) {
      op = Math.min(op, setxattrBytes);
    }
    request.place(isWhole ? op : 0, 0, isWhole ? payload - extensions : 0);
  }

  @Override
  public void complete(Exchange done) {
    IoUring open = ring;
    Reply reply = done.reply();
    if (open == null || !reply.isDone()) {
      return;
    }
    long unique = done.request().unique();
    long commitId = header.getLong(UringHeader.COMMIT_ID);
    OutHeader.put(header, 0, OutHeader.SIZEOF + reply.length(), -reply.errno(), unique);
    header.putInt(UringHeader.PAYLOAD_SIZE, reply.length());
    command(open, UringCommand.COMMIT_AND_FETCH, 0, 0, commitId);
  }

  @Override
  public void close() {
    IoUring open = ring;
    if (open != null) {
      ring = null;
      open.close();
    }
  }
}
