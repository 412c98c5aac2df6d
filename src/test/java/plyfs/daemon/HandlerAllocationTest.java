package plyfs.daemon;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import plyfs.fuse.DirectExchange;
import plyfs.fuse.Opcode;
import plyfs.fuse.abi.BatchForgetIn;
import plyfs.fuse.abi.Dirent;
import plyfs.fuse.abi.Direntplus;
import plyfs.fuse.abi.EntryOut;
import plyfs.fuse.abi.ForgetIn;
import plyfs.fuse.abi.MknodIn;
import plyfs.fuse.abi.ReadIn;
import plyfs.fuse.abi.SetattrIn;
import plyfs.fuse.abi.WriteIn;
import plyfs.options.MountOptions;
import plyfs.options.Privilege;
import plyfs.sys.Linux;
import plyfs.sys.MountSyscalls;
import plyfs.union.UnionFixture;
import plyfs.union.UnionPaths;

/** What a request leaves to the collector, from the handler's start to its answer. */
final class HandlerAllocationTest {
  private static final int WARM_UP = 20_000;
  private static final int CALLS = 4_000;
  private static final int SERIES = 4;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private UnionFixture fixture;
  private UnionPaths union;
  private UnionHandler handler;

  @BeforeEach
  void mount() throws Exception {
    assumeTrue(MountSyscalls.effectiveUser() == 0, "needs root: mount clones, trusted.* xattrs");
    fixture = UnionFixture.onHost(2);
    fixture.lower(1, "d/low=content");
    fixture.lower(
        1, IntStream.range(100, 500).mapToObj(i -> "many/low" + i + "=").toArray(String[]::new));
    fixture.lower(2, "d/low2=content");
    union = fixture.mount();
    union.create("d/up", "content");
    MountOptions options = MountOptions.parse(List.of(), Privilege.ROOT);
    handler =
        new UnionHandler(fixture.fs(), options.engine(), options.session(), new KernelCaches());
  }

  @AfterEach
  void unmount() {
    if (fixture != null) {
      fixture.close();
    }
  }

  private interface Call {
    void run();
  }

  /**
   * Bytes a call, rounded down: the least of some series, because compiled code that is given up in
   * between leaves what it had kept in registers.
   */
  private long bytes(Call call) {
    for (int i = 0; i < WARM_UP; i++) {
      call.run();
    }
    long least = Long.MAX_VALUE;
    for (int series = 0; series < SERIES; series++) {
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < CALLS; i++) {
        call.run();
      }
      least = Math.min(least, (threads.getCurrentThreadAllocatedBytes() - before) / CALLS);
    }
    return least;
  }

  private static byte[] name(String text) {
    return (text + '\0').getBytes(US_ASCII);
  }

  private DirectExchange lookup(long directory, String name) {
    return new DirectExchange(Opcode.LOOKUP, directory).payload(name(name));
  }

  private long bytes(DirectExchange exchange) {
    return bytes(() -> exchange.by(handler));
  }

  private DirectExchange write(long node) {
    return new DirectExchange(Opcode.WRITE, node).put(WriteIn.SIZE, 4096).payload(new byte[4096]);
  }

  /** So that as many measured calls can forget it. */
  private void lookUpOften(long directory, String name) {
    DirectExchange lookup = lookup(directory, name);
    for (int i = 0; i < WARM_UP + SERIES * CALLS; i++) {
      lookup.by(handler);
    }
  }

  @Test
  void attributesDataAndForgets_allocateNothing() throws Exception {
    long low = union.resolve("d/low");
    long up = union.resolve("d/up");
    long both = union.resolve("d");
    for (long node : new long[] {low, up, both}) {
      assertThat(bytes(new DirectExchange(Opcode.GETATTR, node))).as("GETATTR").isZero();
    }
    for (long node : new long[] {low, up}) {
      DirectExchange read = new DirectExchange(Opcode.READ, node).put(ReadIn.SIZE, 4096);
      assertThat(bytes(read)).as("READ").isZero();
      assertThat(read.reply().length()).isEqualTo("content".length());
    }
    assertThat(bytes(write(up))).as("WRITE").isZero();
    DirectExchange byUser =
        write(up).put(WriteIn.WRITE_FLAGS, WriteIn.FUSE_WRITE_KILL_SUIDGID).from(1000);
    assertThat(bytes(byUser)).as("WRITE of a user").isZero();
    assertThat(byUser.reply().isError()).isFalse();

    fixture.fs().callerKeepsMtimes(); // writeback=1: each write puts the time back
    DirectExchange times =
        new DirectExchange(Opcode.SETATTR, up)
            .put(SetattrIn.VALID, SetattrIn.FATTR_MTIME | SetattrIn.FATTR_CTIME)
            .put(SetattrIn.MTIME, 1000L);
    assertThat(bytes(times)).as("SETATTR of the times").isZero();
    assertThat(bytes(write(up))).as("WRITE with write-back").isZero();
    assertThat(union.stat("d/up").mtimeSeconds()).isEqualTo(1000);

    long directory = union.resolve("d");
    lookUpOften(directory, "low");
    assertThat(bytes(new DirectExchange(Opcode.FORGET, low).put(ForgetIn.NLOOKUP, 1L)))
        .as("FORGET")
        .isZero();
    lookUpOften(directory, "low");
    lookUpOften(directory, "up");
    DirectExchange batch = new DirectExchange(Opcode.BATCH_FORGET, 0).put(BatchForgetIn.COUNT, 2);
    batch.payload(0, low).payload(8, 1).payload(16, up).payload(24, 1);
    assertThat(bytes(batch)).as("BATCH_FORGET").isZero();
    assertThat(fixture.fs().nodeCount()).isEqualTo(4);
  }

  /** A name has 24 bytes, its array 16 and the bytes themselves. */
  private static int nameBytes(int length) {
    return 24 + 16 + (length + 7 & ~7);
  }

  @Test
  void lookupOfAKnownNode_allocatesItsName() throws Exception {
    long directory = union.resolve("d");
    union.resolve("d/low");
    union.resolve("d/up");
    assertThat(bytes(lookup(directory, "low"))).isLessThanOrEqualTo(nameBytes(3));
    assertThat(bytes(lookup(directory, "up"))).isLessThanOrEqualTo(nameBytes(2));
  }

  /** For each of three layers, what refers to the name and to the mark that would hide it. */
  @Test
  void lookupOfNothing_allocatesWhatRefersToTheLayers() throws Exception {
    DirectExchange missing = lookup(union.resolve("d"), "missing");
    assertThat(bytes(missing)).isLessThanOrEqualTo(nameBytes(7) + 3L * 200);
    assertThat(missing.reply().content().getLong(EntryOut.NODEID)).isZero();
  }

  /** And what a mark is read with: a system call with six arguments takes memory of its own. */
  @Test
  void lookupThatFindsANewNode_allocatesThatNode() throws Exception {
    DirectExchange lookup = lookup(union.resolve("d"), "low2");
    DirectExchange forget = new DirectExchange(Opcode.FORGET, 0).put(ForgetIn.NLOOKUP, 1L);
    long bytes =
        bytes(
            () -> {
              lookup.by(handler);
              forget.to(lookup.reply().content().getLong(EntryOut.NODEID)).by(handler);
            });
    assertThat(bytes).isLessThan(1300);
  }

  /** A node, its name, its open file and its place in the tables. */
  @Test
  void newFile_allocatesItsNode() throws Exception {
    long directory = union.resolve("d");
    DirectExchange make = new DirectExchange(Opcode.MKNOD, directory).payload(name("new"));
    make.put(MknodIn.MODE, Linux.S_IFREG | 0644);
    DirectExchange remove = new DirectExchange(Opcode.UNLINK, directory).payload(name("new"));
    DirectExchange forget = new DirectExchange(Opcode.FORGET, 0).put(ForgetIn.NLOOKUP, 1L);
    long bytes =
        bytes(
            () -> {
              make.by(handler);
              remove.by(handler);
              forget.to(make.reply().content().getLong(EntryOut.NODEID)).by(handler);
            });
    assertThat(remove.reply().isError()).isFalse();
    assertThat(bytes).isLessThan(2500);
  }

  /** From a position in the middle, where the answer before has ended. */
  private DirectExchange listing(Opcode opcode, long directory) {
    DirectExchange first = new DirectExchange(Opcode.READDIR, directory).put(ReadIn.SIZE, 4096);
    int third = 2 * Dirent.recordBytes(2); // after . and ..
    long position = first.by(handler).content().getLong(third + Dirent.OFF);
    return new DirectExchange(opcode, directory)
        .put(ReadIn.SIZE, 4096)
        .put(ReadIn.OFFSET, position);
  }

  @Test
  void listingThatGoesOn_allocatesTheNames() throws Exception {
    DirectExchange plain = listing(Opcode.READDIR, union.resolve("many"));
    int entries = 4096 / Dirent.recordBytes(6);
    assertThat(bytes(plain)).isLessThanOrEqualTo((long) entries * (nameBytes(6) - 24) + 64);
    assertThat(plain.reply().length()).isEqualTo(entries * Dirent.recordBytes(6));
  }

  @Test
  void listingOfKnownNodesThatGoesOn_allocatesTheNames() throws Exception {
    DirectExchange plus = listing(Opcode.READDIRPLUS, union.resolve("many"));
    int entries = 4096 / Direntplus.recordBytes(6);
    assertThat(bytes(plus)).isLessThanOrEqualTo((long) entries * nameBytes(6) + 64);
    assertThat(plus.reply().length()).isEqualTo(entries * Direntplus.recordBytes(6));
  }
}
