package plyfs.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import com.kenai.jffi.MemoryIO;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import plyfs.fuse.abi.InHeader;
import plyfs.fuse.abi.InitFlags;
import plyfs.fuse.abi.SetxattrIn;
import plyfs.sys.Errno;
import plyfs.sys.Fd;
import plyfs.sys.Syscalls;

/**
 * A kernel made of a list of requests. All five regions of its exchanges are memory of their own,
 * so code that takes them for neighbours fails.
 */
final class ScriptedConnection implements Connection {
  private static final byte[] END = {};

  /** An answer as the kernel got it. */
  record Answer(long unique, int error, List<Byte> content) {
    static Answer of(long unique, int error, byte[] content) {
      List<Byte> bytes = new ArrayList<>();
      for (byte b : content) {
        bytes.add(b);
      }
      return new Answer(unique, error, bytes);
    }
  }

  /** Makes the rings of a session that asks for them. */
  interface Rings {
    Channel open(InitResult limits, int cpu, AtomicInteger ringsOfCpu);
  }

  Rings rings =
      (limits, cpu, ringsOfCpu) -> {
        throw new UnsupportedOperationException("no rings here");
      };

  private final BlockingQueue<byte[]> requests = new LinkedBlockingQueue<>();
  private final BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
  private final Set<Long> refused = ConcurrentHashMap.newKeySet();
  final List<byte[]> notices = new CopyOnWriteArrayList<>();
  volatile boolean isAborted;
  volatile boolean isClosed;

  /** A kernel that first sends INIT with a version and flags. */
  static ScriptedConnection withInit(int minor, long flags) {
    ScriptedConnection connection = new ScriptedConnection();
    connection.add(
        RequestBytes.of(Opcode.INIT, 2, 0)
            .u32(7)
            .u32(minor)
            .u32(131072)
            .u32((int) flags)
            .u32((int) (flags >>> 32))
            .hex("00".repeat(44)));
    return connection;
  }

  /** A kernel as of Linux 6.18, whose INIT has been answered already when a test looks. */
  static ScriptedConnection modern() {
    return withInit(45, -1L & ~(1L << 63));
  }

  void add(RequestBytes request) {
    requests.add(request.build());
  }

  void unmount() {
    requests.add(END);
  }

  /** The answer to this request will meet ENOENT. */
  void refuse(long unique) {
    refused.add(unique);
  }

  Answer answer() throws InterruptedException {
    Answer answer = answers.poll(30, TimeUnit.SECONDS);
    assertThat(answer).as("an answer within 30 s").isNotNull();
    return answer;
  }

  /** Answers that nobody has asked for yet. */
  List<Answer> restOfAnswers() {
    return List.copyOf(answers);
  }

  @Override
  public Channel openRing(InitResult limits, int cpu, AtomicInteger ringsOfCpu) {
    return rings.open(limits, cpu, ringsOfCpu);
  }

  @Override
  public Channel open(InitResult limits) {
    return new ScriptedChannel(limits);
  }

  @Override
  public long send(long address, int length) {
    byte[] bytes = new byte[length];
    MemoryIO.getInstance().getByteArray(address, bytes, 0, length);
    notices.add(bytes);
    return length;
  }

  @Override
  public int lendBacking(Fd file) {
    return -Errno.EPERM;
  }

  @Override
  public int endBacking(int id) {
    return -Errno.EINVAL;
  }

  @Override
  public void abort() {
    isAborted = true;
    unmount();
  }

  @Override
  public void close() {
    isClosed = true;
  }

  private static ByteBuffer memory(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  private final class ScriptedChannel implements Channel {
    private final ByteBuffer head = memory(InHeader.SIZEOF);
    private final ByteBuffer op = memory(128);
    private final ByteBuffer payload = memory(1 << 18);
    private final ByteBuffer content = memory(1 << 18);
    private final Exchange exchange;
    private final boolean hasLongSetxattr;

    ScriptedChannel(InitResult limits) {
      Request request = new Request(head, op, 0, payload, Syscalls.addressOf(payload));
      exchange = new Exchange(request, new Reply(content, Syscalls.addressOf(content)));
      hasLongSetxattr = limits.has(InitFlags.SETXATTR_EXT);
    }

    @Override
    public @Nullable Exchange next() {
      try {
        byte[] bytes = requests.take();
        if (bytes.length == 0) {
          requests.add(bytes);
          return null;
        }
        place(bytes);
        return exchange;
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    private void place(byte[] bytes) {
      exchange.open();
      head.put(0, bytes, 0, InHeader.SIZEOF);
      int body = bytes.length - InHeader.SIZEOF;
      Opcode opcode = Opcode.of(head.getInt(InHeader.OPCODE));
      int struct = opcode == null || !opcode.hasPayload() ? body : opcode.inSize();
      if (opcode == Opcode.SETXATTR && hasLongSetxattr) {
        struct = SetxattrIn.SIZEOF;
      }
      int opBytes = Math.min(Math.min(struct, body), op.capacity());
      op.put(0, bytes, InHeader.SIZEOF, opBytes);
      payload.put(0, bytes, InHeader.SIZEOF + opBytes, body - opBytes);
      exchange.request().load();
      exchange.request().place(opBytes, 0, body - opBytes);
    }

    @Override
    public void complete(Exchange done) {
      Reply reply = done.reply();
      if (!reply.isDone()) {
        return;
      }
      long unique = done.request().unique();
      byte[] bytes = new byte[reply.length()];
      content.get(0, bytes);
      if (refused.contains(unique)) {
        done.refuse();
      }
      answers.add(Answer.of(unique, -reply.errno(), bytes));
    }

    @Override
    public void close() {}
  }
}
