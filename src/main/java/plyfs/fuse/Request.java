package plyfs.fuse;

import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;
import plyfs.fuse.abi.InHeader;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;

/**
 * One request of the kernel, a view of memory that the channel owns: three regions, which need not
 * touch.
 *
 * <pre>
 *   head     struct fuse_in_header
 *   op       the struct of the opcode, at most 128 bytes; read it through plyfs.fuse.abi
 *   payload  names, each with a final NUL, then data
 * </pre>
 *
 * <p>Borrowed: neither the object nor an address from it may be used once the handler has returned.
 */
public final class Request {
  /** No unique of a request: the kernel's are even. */
  static final long NONE = -1;

  private final ByteBuffer head;
  private final ByteBuffer op;
  private final ByteBuffer payload;
  private final long payloadBase;
  private final BooleanSupplier interrupted = this::isInterrupted;
  private boolean isNew = true;
  private int opAt;
  private int opSize;
  private int payloadAt;
  private int payloadSize;

  /** Unique of the request that a handler works on now, or {@link #NONE}. */
  private volatile long inFlight = NONE;

  /**
   * Unique of the last one that was interrupted here. A stale one is harmless: none comes twice.
   */
  private volatile long interruptedUnique;

  /**
   * A view of three regions.
   *
   * @param head {@code struct fuse_in_header} at 0
   * @param payload a direct buffer at position 0
   * @param payloadBase its address
   */
  Request(ByteBuffer head, ByteBuffer op, ByteBuffer payload, long payloadBase) {
    this.head = head;
    this.op = op;
    this.payload = payload;
    this.payloadBase = payloadBase;
  }

  /** Tells where op and payload of the request that has just come are, in their buffers. */
  void place(int opAt, int opSize, int payloadAt, int payloadSize) {
    this.opAt = opAt;
    this.opSize = opSize;
    this.payloadAt = payloadAt;
    this.payloadSize = payloadSize;
  }

  /** Number of the operation; {@link Opcode#of} knows it, or the handler would not see it. */
  public int opcodeNumber() {
    return head.getInt(InHeader.OPCODE);
  }

  /**
   * The operation.
   *
   * @throws IllegalStateException if we do not know it
   */
  public Opcode opcode() {
    Opcode opcode = Opcode.of(opcodeNumber());
    if (opcode == null) {
      throw new IllegalStateException("opcode " + opcodeNumber());
    }
    return opcode;
  }

  /** Number of the request, which its answer repeats. */
  public long unique() {
    return head.getLong(InHeader.UNIQUE);
  }

  /** The node that the request is about; the parent where it carries a name. */
  public long nodeId() {
    return head.getLong(InHeader.NODEID);
  }

  /** Who asks: the file system user id of the caller. */
  public int uid() {
    return head.getInt(InHeader.UID);
  }

  public int gid() {
    return head.getInt(InHeader.GID);
  }

  /** Thread id of the caller, 0 if it is in no process namespace that we see. */
  public int pid() {
    return head.getInt(InHeader.PID);
  }

  /** Bytes of the op struct, at least {@link Opcode#inSize}. */
  public int opSize() {
    return opSize;
  }

  /** A field of the op struct. */
  public short shortAt(int offset) {
    return op.getShort(opAt + offset);
  }

  /** A field of the op struct. */
  public int intAt(int offset) {
    return op.getInt(opAt + offset);
  }

  /** A field of the op struct. */
  public long longAt(int offset) {
    return op.getLong(opAt + offset);
  }

  /** Bytes after the op struct. */
  public int payloadSize() {
    return payloadSize;
  }

  /** Address of the payload, for a system call. */
  public long payloadAddress() {
    return payloadBase + payloadAt;
  }

  /**
   * Eight bytes of the payload.
   *
   * @param offset in the payload
   */
  public long payloadLongAt(int offset) {
    return payload.getLong(payloadAt + offset);
  }

  /**
   * A copy of a part of the payload.
   *
   * @param offset in the payload
   */
  public byte[] payloadBytes(int offset, int length) {
    byte[] bytes = new byte[length];
    payload.get(payloadAt + offset, bytes);
    return bytes;
  }

  /**
   * A name in the payload.
   *
   * @param index 0 to {@link Opcode#names} - 1
   * @throws ErrnoException ENAMETOOLONG over 255 bytes; EINVAL if it is not one path component
   */
  public Name name(int index) throws ErrnoException {
    int start = offsetAfterStrings(index);
    return Name.of(payload, payloadAt + start, endOfString(start) - start);
  }

  /**
   * A string in the payload that need not be a name, such as a link target or the name of an
   * extended attribute; a fresh array without the NUL.
   *
   * @param index 0 to {@link Opcode#names} - 1
   * @throws ErrnoException EINVAL if there is none
   */
  public byte[] string(int index) throws ErrnoException {
    int start = offsetAfterStrings(index);
    return payloadBytes(start, endOfString(start) - start);
  }

  /**
   * Where in the payload the data after the strings starts; for SETXATTR that is the value.
   *
   * @param strings how many to skip
   * @throws ErrnoException EINVAL if there are fewer
   */
  public int offsetAfterStrings(int strings) throws ErrnoException {
    int offset = 0;
    for (int i = 0; i < strings; i++) {
      offset = endOfString(offset) + 1;
    }
    return offset;
  }

  private int endOfString(int start) throws ErrnoException {
    int end = start;
    while (end < payloadSize && payload.get(payloadAt + end) != 0) {
      end++;
    }
    if (end >= payloadSize) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    return end;
  }

  /** Whether the caller no longer needs the answer: finish early, with EINTR if nothing is done. */
  public boolean isInterrupted() {
    return interruptedUnique == inFlight;
  }

  /** {@link #isInterrupted} to hand on to long work; always the same object. */
  public BooleanSupplier interrupted() {
    return interrupted;
  }

  /** Whether {@link #begin} has never been called on this object. */
  boolean isNew() {
    return isNew;
  }

  /** From now on INTERRUPT finds this request. */
  void begin(long unique) {
    isNew = false;
    inFlight = unique;
  }

  /** Unique of the request that is in flight here, or {@link #NONE}. Asked by other threads. */
  long inFlight() {
    return inFlight;
  }

  /** From now on INTERRUPT does not find it. */
  void end() {
    inFlight = NONE;
  }

  /** Marks whatever is in flight here. Called by other threads. */
  void interruptCurrent() {
    interruptIf(inFlight);
  }

  /** Marks the request if it is the one in flight here. Called by other threads. */
  boolean interruptIf(long unique) {
    if (inFlight != unique || unique == NONE) {
      return false;
    }
    interruptedUnique = unique;
    return true;
  }

  /** For a log: what, on which node, for whom. */
  @Override
  public String toString() {
    Opcode opcode = Opcode.of(opcodeNumber());
    return (opcode == null ? "opcode " + opcodeNumber() : opcode)
        + " request "
        + unique()
        + " on node "
        + nodeId()
        + " of process "
        + pid();
  }
}
