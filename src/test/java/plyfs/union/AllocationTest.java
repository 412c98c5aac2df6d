package plyfs.union;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.Syscalls;
import plyfs.trace.CopyUpTimes;
import plyfs.trace.EventKind;
import plyfs.trace.EventLog;
import plyfs.union.api.Caller;
import plyfs.union.api.NodeView;
import plyfs.union.lookup.UnionEvents;
import plyfs.union.node.Directory;
import plyfs.union.node.MoveEnd;
import plyfs.union.node.Node;

/** The requests that come by the million make no garbage. */
final class AllocationTest extends UnionCase {
  private static final int WARM_UP = 20_000;
  private static final int CALLS = 2_000;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private interface Request {
    void run() throws ErrnoException;
  }

  /** Bytes a call, rounded down: a compilation in between may cost a few in all. */
  private long bytesPerCall(Request request) throws ErrnoException {
    for (int i = 0; i < WARM_UP; i++) {
      request.run();
    }
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int i = 0; i < CALLS; i++) {
      request.run();
    }
    return (threads.getCurrentThreadAllocatedBytes() - before) / CALLS;
  }

  @Test
  void attributesReadWriteAndForget_allocateNothing() throws Exception {
    UnionFixture fixture = over("d/low=content");
    UnionPaths union = fixture.mount();
    union.create("d/up", "content");
    UnionFs fs = fixture.fs();
    long low = union.resolve("d/low");
    long up = union.resolve("d/up");
    long reader = fs.open(low, Linux.O_RDONLY, false, union.caller);
    long writer = fs.open(up, Linux.O_RDWR, false, union.caller);
    NodeView view = new NodeView();
    ByteBuffer memory = ByteBuffer.allocateDirect(4096);
    long address = Syscalls.addressOf(memory);
    Caller user = new Caller(5, 5, 0, () -> false);

    assertThat(bytesPerCall(() -> fs.getAttributes(low, view))).as("attributes, lower").isZero();
    assertThat(bytesPerCall(() -> fs.getAttributes(up, view))).as("attributes, upper").isZero();
    assertThat(bytesPerCall(() -> fs.read(reader, address, 4096, 0))).as("read").isZero();
    assertThat(bytesPerCall(() -> fs.write(writer, address, 4, 0, 0, false, user)))
        .as("write")
        .isZero();
    assertThat(bytesPerCall(() -> fs.write(writer, address, 4, 0, 0, true, user)))
        .as("write by another user")
        .isZero();

    Name name = Name.of("low");
    long parent = union.resolve("d");
    for (int i = 0; i < WARM_UP + CALLS; i++) {
      fs.lookup(parent, name, view);
    }
    assertThat(bytesPerCall(() -> fs.forget(low, 1))).as("forget").isZero();
    assertThat(view.nodeId()).isEqualTo(low);
    assertThat(memory.get(0)).isEqualTo((byte) 'c');
  }

  /** The places that tell of events, and the hot calls, in a mount that could be watched. */
  @Test
  void withNobodyWatching_eventsCostNoGarbage(@TempDir Path directory) throws Exception {
    UnionFixture fixture = over("d/low=content");
    UnionPaths union = fixture.mount();
    UnionFs fs = fixture.fs();
    EventLog log = EventLog.create(directory.resolve("events"));
    fs.recordTo(log);
    long low = union.resolve("d/low");
    long reader = fs.open(low, Linux.O_RDONLY, false, union.caller);
    NodeView view = new NodeView();
    ByteBuffer memory = ByteBuffer.allocateDirect(4096);
    long address = Syscalls.addressOf(memory);
    assertThat(bytesPerCall(() -> fs.getAttributes(low, view))).as("attributes").isZero();
    assertThat(bytesPerCall(() -> fs.read(reader, address, 4096, 0))).as("read").isZero();

    UnionEvents events = new UnionEvents();
    events.recordTo(log);
    Directory parent = new Directory(5, null, Node.NO_LOWERS, 5);
    Name name = Name.of("name");
    MoveEnd end = new MoveEnd(parent, name);
    assertThat(bytesPerCall(() -> events.name(EventKind.REMOVED, parent, name))).isZero();
    assertThat(bytesPerCall(() -> events.marked(EventKind.REDIRECT_SET, parent, name, null)))
        .isZero();
    assertThat(bytesPerCall(() -> events.moved(end, end, 0))).isZero();
    assertThat(bytesPerCall(() -> UnionEvents.end(events.times(), CopyUpTimes.Step.DATA))).isZero();
    assertThat(memory.get(0)).isEqualTo((byte) 'c');
  }
}
