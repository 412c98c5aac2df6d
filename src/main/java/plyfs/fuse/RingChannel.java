package plyfs.fuse;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import plyfs.fuse.abi.InHeader;
import plyfs.fuse.abi.OutHeader;
import plyfs.fuse.abi.UringCommand;
import plyfs.fuse.abi.UringHeader;
import plyfs.sys.CommandRing;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Loggers;
import plyfs.sys.Syscalls;
import plyfs.sys.UntouchedMemory;

/**
 * Receives the requests of the programs on one CPU through an io_uring, and serves them on that
 * CPU. One system call sends a reply and waits for the next request, and no thread on another CPU
 * has to be woken.
 *
 * <p>The kernel has a queue for each CPU, and sends INTERRUPT and FORGET through /dev/fuse. It uses
 * rings once it has accepted one for each CPU, and /dev/fuse for everything if it refused one
 * before that. Request and reply share one payload: a handler has read the request before it writes
 * the reply.
 *
 * @implNote Linux fs/fuse/dev_uring.c
 */
final class RingChannel implements Channel {
  private static final Logger LOG = Loggers.named("plyfs.fuse");

  /** The maximum number of submissions in a ring. */
  static final int ENTRIES = 2;

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
  private final AtomicInteger ringsOfCpu;
  private final CommandRing.Maker maker;
  private @Nullable CommandRing ring;

  /** Whether a reply is on its way to the kernel. */
  private boolean isAnswering;

  /** Whether a request has come, so that the kernel uses rings including this one. */
  private boolean isTaken;

  private boolean isDispensable;

  /**
   * A channel; the thread that uses it creates its ring.
   *
   * @param device of /dev/fuse, borrowed
   * @param ringsOfCpu number of usable rings of this CPU, including this one
   */
  RingChannel(
      Fd device, int cpu, InitResult limits, AtomicInteger ringsOfCpu, CommandRing.Maker maker) {
    this.device = device;
    this.cpu = cpu;
    this.ringsOfCpu = ringsOfCpu;
    this.maker = maker;
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
    CommandRing open = ring;
    if (open == null) {
      open = make();
      register(open);
    }
    await(open);
    int error = -open.result();
    if (error == 0) {
      isTaken = true;
      isAnswering = false;
      place();
      return exchange;
    }
    if (error == Errno.ENOTCONN || error == Errno.ECONNABORTED) {
      return null;
    }
    if (!isAnswering) {
      // Before the first request: the kernel uses /dev/fuse, or other rings of this CPU.
      isDispensable = ringsOfCpu.decrementAndGet() > 0 || !isTaken;
      throw ErrnoException.of(error);
    }
    isAnswering = false;
    refuse(open, error);
    return exchange;
  }

  private CommandRing make() throws ErrnoException {
    try {
      CommandRing made = maker.make();
      ring = made;
      return made;
    } catch (ErrnoException e) {
      isDispensable = ringsOfCpu.decrementAndGet() > 0; // otherwise the kernel waits for it
      throw e;
    }
  }

  private void await(CommandRing open) throws ErrnoException {
    while (!open.takeCompletion()) {
      int entered = open.enter();
      switch (-entered) {
        case 0, Errno.EINTR -> {}
        case Errno.EAGAIN, Errno.EBUSY -> Syscalls.yieldProcessor();
        default -> throw ErrnoException.of(-entered);
      }
    }
  }

  @Override
  public boolean isDispensable() {
    return isDispensable;
  }

  /**
   * The kernel did not accept a reply, and so does not use the ring for a next request: submit the
   * ring again.
   */
  private void refuse(CommandRing open, int error) {
    if (error != Errno.ENOENT) {
      LOG.log(
          Level.ERROR,
          "the kernel rejected a reply of {0} bytes: {1}",
          exchange.reply().length(),
          ErrnoException.of(error).getMessage());
    }
    exchange.refuse();
    register(open);
  }

  private void register(CommandRing open) {
    int iovecs = UringHeader.SIZEOF;
    header
        .putLong(iovecs, headerAddress)
        .putLong(iovecs + 8, UringHeader.SIZEOF)
        .putLong(iovecs + 16, payloadAddress)
        .putLong(iovecs + 24, payloadBytes);
    command(open, UringCommand.REGISTER, headerAddress + iovecs, 2, 0);
  }

  private void command(CommandRing open, int command, long address, int length, long commitId) {
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
    CommandRing open = ring;
    Reply reply = done.reply();
    if (open == null || !reply.isDone()) {
      return;
    }
    long unique = done.request().unique();
    long commitId = header.getLong(UringHeader.COMMIT_ID);
    OutHeader.put(header, 0, OutHeader.SIZEOF + reply.length(), -reply.errno(), unique);
    header.putInt(UringHeader.PAYLOAD_SIZE, reply.length());
    command(open, UringCommand.COMMIT_AND_FETCH, 0, 0, commitId);
    isAnswering = true; // it leaves with the next wait, which saves a system call
  }

  @Override
  public String toString() {
    return "an io_uring of CPU " + cpu;
  }

  @Override
  public void close() {
    CommandRing open = ring;
    if (open != null) {
      ring = null;
      open.close();
    }
  }
}
