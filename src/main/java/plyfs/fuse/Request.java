package plyfs.fuse;

import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.function.BooleanSupplier;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;
import plyfs.fuse.abi.InHeader;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;
import plyfs.sys.Words;

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
  /** The unique of no request: those of the kernel are even. */
  static final long NONE = -1;

  private static final int HEAD_WORDS = InHeader.SIZEOF / Long.BYTES;
  private static final int OP_BYTES = 128;

  /**
   * Maximum length of all strings of a request together: two of PATH_MAX bytes each.
   *
   * @implNote Linux fs/fuse/fuse_i.h, FUSE_NAME_MAX; before 6.14 names had at most 1024 bytes
   */
  private static final int MOST_STRING_BYTES = 2 * 4096;

  private final LongBuffer head;

  /** The buffer of the op struct, at this word, if it does not follow the header. */
  private final @Nullable LongBuffer op;

  private final int opFrom;
  private final ByteBuffer payload;
  private final long payloadBase;
  private final BooleanSupplier abandoned = this::isAbandoned;
  private boolean isNew = true;
  private int opSize;
  private int payloadAt;
  private int payloadSize;

  /** Header and op struct of the current request. */
  private final long[] words = new long[HEAD_WORDS + OP_BYTES / Long.BYTES];

  /**
   * The first {@link #textSize} bytes of the payload, loaded when a string is first requested. It
   * is always the same array, because it may be an argument of a call before it is loaded.
   */
  private final byte[] text = new byte[MOST_STRING_BYTES];

  private int textSize;

  /** Unique of the request that a handler processes now, or {@link #NONE}. */
  private volatile long inFlight = NONE;

  /**
   * Unique of the last request that was interrupted here. A stale value is harmless, because no
   * unique occurs twice.
   */
  private volatile long interruptedUnique;

  private volatile boolean isMountGone;

  /** Tells which threads are being killed; null before the first {@link #begin}. */
  private @Nullable IntPredicate killed;

  /**
   * A view of three regions.
   *
   * @param head {@code struct fuse_in_header} at 0
   * @param op {@code opFrom}, a multiple of 8, is where the op struct is; 128 bytes follow it
   * @param payload a direct buffer at position 0
   * @param payloadBase its address
   */
  Request(ByteBuffer head, ByteBuffer op, int opFrom, ByteBuffer payload, long payloadBase) {
    this(head.asLongBuffer(), op.asLongBuffer(), opFrom / Long.BYTES, payload, payloadBase);
  }

  /** A view of one region that contains header, op struct and payload. */
  Request(ByteBuffer in, long address) {
    this(in.asLongBuffer(), null, 0, in, address);
  }

  private Request(
      LongBuffer head, @Nullable LongBuffer op, int opFrom, ByteBuffer payload, long payloadBase) {
    this.head = head;
    this.op = op;
    this.opFrom = opFrom;
    this.payload = payload;
    this.payloadBase = payloadBase;
  }

  /** Loads header and op struct of a new request. Call {@link #place} next. */
  void load() {
    LongBuffer apart = op;
    if (apart == null) {
      head.get(0, words);
    } else {
      head.get(0, words, 0, HEAD_WORDS);
      apart.get(opFrom, words, HEAD_WORDS, OP_BYTES / Long.BYTES);
    }
  }

  /** Sets the length of the op struct and the position of the payload in its buffer. */
  void place(int opSize, int payloadAt, int payloadSize) {
    this.opSize = opSize;
    this.payloadAt = payloadAt;
    this.payloadSize = payloadSize;
    textSize = 0;
  }

  /** Bytes of the whole request, as its header says. */
  int size() {
    return Words.first(words[InHeader.LEN / Long.BYTES]);
  }

  /** Bytes at the end of the payload that handlers do not see. */
  int extensionBytes() {
    return 8 * Words.firstShort(Words.second(words[InHeader.TOTAL_EXTLEN / Long.BYTES]));
  }

  /** Number of the operation. Handlers only get those that {@link Opcode#of} knows. */
  public int opcodeNumber() {
    return Words.second(words[InHeader.OPCODE / Long.BYTES]);
  }

  /**
   * The operation.
   *
   * @throws IllegalStateException if it is unknown
   */
  public Opcode opcode() {
    Opcode opcode = Opcode.of(opcodeNumber());
    if (opcode == null) {
      throw new IllegalStateException("opcode " + opcodeNumber());
    }
    return opcode;
  }

  /** Number of the request, which its reply repeats. */
  public long unique() {
    return words[InHeader.UNIQUE / Long.BYTES];
  }

  /** The node of the request; the parent directory if the request has a name. */
  public long nodeId() {
    return words[InHeader.NODEID / Long.BYTES];
  }

  /** The file system user id of the caller. */
  public int uid() {
    return Words.first(words[InHeader.UID / Long.BYTES]);
  }

  public int gid() {
    return Words.second(words[InHeader.GID / Long.BYTES]);
  }

  /** Thread id of the caller; 0 if it has none in the daemon's PID namespace. */
  public int pid() {
    return Words.first(words[InHeader.PID / Long.BYTES]);
  }

  /** Bytes of the op struct, at least {@link Opcode#inSize}. */
  public int opSize() {
    return opSize;
  }

  /**
   * A field of the op struct.
   *
   * @param offset a multiple of 4
   */
  public int intAt(int offset) {
    long word = words[HEAD_WORDS + offset / Long.BYTES];
    return offset % Long.BYTES == 0 ? Words.first(word) : Words.second(word);
  }

  /**
   * A field of the op struct.
   *
   * @param offset a multiple of 8
   */
  public long longAt(int offset) {
    return words[HEAD_WORDS + offset / Long.BYTES];
  }

  /** Bytes of the payload after the op struct. */
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
    return Name.checked(text, start, endOfString(start));
  }

  /**
   * A string in the payload that is not necessarily a name, such as a link target or the name of an
   * extended attribute; a new array without the NUL.
   *
   * @param index 0 to {@link Opcode#names} - 1
   * @throws ErrnoException EINVAL if there is none
   */
  public byte[] string(int index) throws ErrnoException {
    int start = offsetAfterStrings(index);
    return Arrays.copyOfRange(text, start, endOfString(start));
  }

  /**
   * Offset in the payload of the data after the strings, such as the value of SETXATTR.
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
    if (textSize == 0) {
      loadText();
    }
    int end = start;
    while (end < textSize && text[end] != 0) {
      end++;
    }
    if (end >= textSize) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    return end;
  }

  private void loadText() {
    textSize = Math.min(payloadSize, text.length);
    payload.get(payloadAt, text, 0, textSize);
  }

  /**
   * Whether no caller will see the reply, because the caller is being killed or the mount has
   * ended. Long work then ends early, with EINTR if it has changed nothing. Long work must poll
   * this, because the kernel reports only the first signal of the caller, and most signals do not
   * kill.
   *
   * @implNote a caller that lives must not get EINTR, because the kernel does not restart its
   *     system call, even with SA_RESTART
   */
  public boolean isAbandoned() {
    return isMountGone || interruptedUnique == inFlight && killed != null && killed.test(pid());
  }

  /** {@link #isAbandoned} as an argument for long work; always the same object. */
  public BooleanSupplier abandoned() {
    return abandoned;
  }

  /** Whether {@link #begin} has never been called on this object. */
  boolean isNew() {
    return isNew;
  }

  /**
   * Makes this request visible to INTERRUPT.
   *
   * @param newKilled tells which threads are being killed
   */
  void begin(long unique, IntPredicate newKilled) {
    isNew = false;
    killed = newKilled;
    inFlight = unique;
  }

  /** Unique of the request in progress here, or {@link #NONE}. Called by other threads. */
  long inFlight() {
    return inFlight;
  }

  /** Hides this request from INTERRUPT. */
  void end() {
    inFlight = NONE;
  }

  /** The mount has ended: abandons this request and later ones. Called by other threads. */
  void abandon() {
    isMountGone = true;
  }

  /** Flags the request as interrupted if it is in progress here. Called by other threads. */
  boolean interruptIf(long unique) {
    if (inFlight != unique || unique == NONE) {
      return false;
    }
    interruptedUnique = unique;
    return true;
  }

  /** For a log: operation, node and caller. */
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
