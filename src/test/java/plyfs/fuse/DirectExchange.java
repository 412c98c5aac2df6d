package plyfs.fuse;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import plyfs.fuse.abi.InHeader;
import plyfs.sys.Syscalls;

/**
 * One request, made in place, that is handed to a handler as often as wanted, without a kernel and
 * without a session. Nothing of this allocates once the request is made.
 */
public final class DirectExchange {
  private static final int CONTENT_BYTES = 1 << 17;

  private final ByteBuffer head = memory(InHeader.SIZEOF);
  private final ByteBuffer op = memory(128);
  private final ByteBuffer payload = memory(1 << 16);
  private final ByteBuffer content = memory(CONTENT_BYTES);
  private final Exchange exchange =
      new Exchange(
          new Request(head, op, 0, payload, Syscalls.addressOf(payload)),
          new Reply(content, Syscalls.addressOf(content)));
  private final int opBytes;
  private int payloadBytes;

  /** A request from user and group 0 of no process, whose struct is 0 yet. */
  public DirectExchange(Opcode opcode, long node) {
    head.putInt(InHeader.OPCODE, opcode.number());
    head.putLong(InHeader.UNIQUE, 2);
    opBytes = opcode.inSize();
    to(node);
  }

  private static ByteBuffer memory(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  /** Which node the request is about. */
  public DirectExchange to(long node) {
    head.putLong(InHeader.NODEID, node);
    return this;
  }

  /** Whose request it is. */
  public DirectExchange from(int user) {
    head.putInt(InHeader.UID, user).putInt(InHeader.GID, user);
    return this;
  }

  /** A field of the struct. */
  public DirectExchange put(int offset, int value) {
    op.putInt(offset, value);
    return this;
  }

  /** A field of the struct. */
  public DirectExchange put(int offset, long value) {
    op.putLong(offset, value);
    return this;
  }

  /** What comes behind the struct. */
  public DirectExchange payload(byte[] bytes) {
    payload.put(0, bytes);
    payloadBytes = bytes.length;
    return this;
  }

  /** A part of what comes behind the struct, which is that long at least from now on. */
  public DirectExchange payload(int offset, long value) {
    payload.putLong(offset, value);
    payloadBytes = Math.max(payloadBytes, offset + Long.BYTES);
    return this;
  }

  /** The request, as a handler gets it. */
  public Request request() {
    exchange.open();
    exchange.request().load();
    exchange.request().place(opBytes, 0, payloadBytes);
    return exchange.request();
  }

  /** The answer, if one has been given since the last {@link #request}. */
  public Reply reply() {
    return exchange.reply();
  }

  /** Has the request handled; the answer, or what it is while there is none. */
  public Reply by(RequestHandler handler) {
    handler.handle(request(), exchange.reply());
    return exchange.reply();
  }
}
