package plyfs.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import plyfs.fuse.abi.AttrOut;
import plyfs.fuse.abi.InHeader;
import plyfs.fuse.abi.InitIn;
import plyfs.fuse.abi.ReadIn;
import plyfs.fuse.abi.WriteIn;
import plyfs.fuse.abi.WriteOut;
import plyfs.sys.Errno;
import plyfs.sys.Fd;
import plyfs.sys.Syscalls;

/** Serving the common requests leaves no garbage (T7). */
@Timeout(120)
final class DispatchAllocationTest {
  private static final int WARM_UP = 60_000;
  private static final int MEASURED = 30_000;

  /** Requests made in place, round robin; measures what its thread allocates meanwhile. */
  private static final class EndlessConnection implements Connection, Channel {
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final ByteBuffer head = memory(InHeader.SIZEOF);
    private final ByteBuffer op = memory(128);
    private final ByteBuffer payload = memory(4096);
    private final ByteBuffer content = memory(4096);
    private final Exchange exchange =
        new Exchange(
            new Request(head, op, 0, payload, Syscalls.addressOf(payload)),
            new Reply(content, Syscalls.addressOf(content)));
    private int count = -1;
    private long startBytes;
    long allocatedBytes = -1;
    int answers;

    private static ByteBuffer memory(int bytes) {
      return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }

    @Override
    public Channel openRing(InitResult limits, int cpu, AtomicInteger ringsOfCpu) {
      throw new UnsupportedOperationException("no rings here");
    }

    @Override
    public Channel open(InitResult limits) {
      return this;
    }

    @Override
    public @Nullable Exchange next() {
      int index = count++;
      if (index < 0) {
        op.putInt(InitIn.MAJOR, 7).putInt(InitIn.MINOR, 45).putInt(InitIn.FLAGS, 0);
        make(Opcode.INIT, InitIn.SIZEOF, 0);
        return exchange;
      }
      if (index == WARM_UP) {
        startBytes = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
      }
      if (index == WARM_UP + MEASURED) {
        allocatedBytes =
            threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - startBytes;
        return null;
      }
      switch (index % 5) {
        case 0 -> make(Opcode.GETATTR, 16, 0);
        case 1 -> make(Opcode.READ, ReadIn.SIZEOF, 0);
        case 2 -> {
          op.putInt(WriteIn.SIZE, 512);
          make(Opcode.WRITE, WriteIn.SIZEOF, 512);
        }
        case 3 -> make(Opcode.FORGET, 8, 0);
        default -> make(Opcode.FLUSH, 24, 0);
      }
      return exchange;
    }

    private void make(Opcode opcode, int opBytes, int payloadBytes) {
      exchange.open();
      head.putInt(InHeader.OPCODE, opcode.number()).putLong(InHeader.UNIQUE, 2L * count + 2);
      exchange.request().load();
      exchange.request().place(opBytes, 0, payloadBytes);
    }

    @Override
    public void complete(Exchange done) {
      if (done.reply().isDone()) {
        answers++;
      }
    }

    @Override
    public long send(long address, int length) {
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
    public void abort() {}

    @Override
    public void close() {}
  }

  private static final class Answering implements RequestHandler {
    @Override
    public void handle(Request request, Reply reply) {
      switch (request.opcode()) {
        case GETATTR -> {
          AttrOut.put(reply.words(), 0, request.nodeId());
          reply.sendWords(AttrOut.WORDS);
        }
        case READ -> reply.send(request.isAbandoned() ? 0 : 512);
        case WRITE -> {
          WriteOut.put(reply.content(), 0, WriteIn.size(request));
          reply.send(WriteOut.SIZEOF);
        }
        case FORGET -> {}
        default -> reply.empty();
      }
    }

    @Override
    public void takeBack(Request request, Reply reply) {}
  }

  @Test
  void getattrReadWriteForgetFlush_allocateNothing() throws Exception {
    EndlessConnection kernel = new EndlessConnection();
    Session.start(kernel, new Answering(), InitOptions.defaults(), 1).awaitEnd();
    assertThat(kernel.answers).isEqualTo(1 + (WARM_UP + MEASURED) / 5 * 4);
    // One byte per hundred requests: what the measuring itself leaves.
    assertThat(kernel.allocatedBytes).isBetween(0L, MEASURED / 100L);
  }
}
