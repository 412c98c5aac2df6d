package plyfs.fuse;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import plyfs.fuse.abi.Attr;
import plyfs.fuse.abi.AttrOut;
import plyfs.fuse.abi.EntryOut;
import plyfs.fuse.abi.ReadIn;
import plyfs.fuse.abi.WriteIn;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;

/** Requests read from the wire and answers put on it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class CodecBenchmark {
  private static final int NAMES = 25;
  private static final int LISTING_BYTES = 4096;
  private static final long VALID_NANOS = 1_000_000_000L;

  private final DirectExchange lookup = new DirectExchange(Opcode.LOOKUP, 5);
  private final DirectExchange write = new DirectExchange(Opcode.WRITE, 5);
  private final DirectExchange answered = new DirectExchange(Opcode.READDIRPLUS, 5);
  private final byte[][] names = new byte[NAMES][];
  private final Stat stat = new Stat();

  @Setup
  public void prepare() throws ErrnoException {
    lookup.payload("libstdc++.so.6\0".getBytes(US_ASCII));
    write.put(WriteIn.SIZE, 4096).put(WriteIn.OFFSET, 1L << 40).payload(new byte[4096]);
    answered.put(ReadIn.SIZE, LISTING_BYTES);
    for (int i = 0; i < NAMES; i++) {
      names[i] = ("libstdc++.so." + i).getBytes(US_ASCII);
    }
    try (Fd root = Fd.openat(Fd.CWD, new byte[] {'/'}, Linux.O_PATH, 0)) {
      ErrnoException.check(Syscalls.statx(root, Syscalls.SELF, stat));
    }
  }

  /** Header, opcode and name. */
  @Benchmark
  public Name decodeLookup() throws ErrnoException {
    Request request = lookup.request();
    return request.opcode() == Opcode.LOOKUP ? request.name(0) : Name.of("none");
  }

  /** Header, opcode and struct; the data stays where it is. */
  @Benchmark
  public long decodeWrite() {
    Request request = write.request();
    return request.opcode().number()
        + WriteIn.fh(request)
        + WriteIn.size(request)
        + WriteIn.offset(request)
        + WriteIn.writeFlags(request)
        + request.payloadAddress();
  }

  /** The answer to LOOKUP. */
  @Benchmark
  public Reply encodeEntry() {
    Reply reply = answered.reply();
    reply.withdraw();
    EntryOut.put(reply.words(), 0, 7, VALID_NANOS, VALID_NANOS);
    Attr.put(reply.words(), EntryOut.ATTR_WORD, stat, 9, 1);
    reply.sendWords(EntryOut.WORDS);
    return reply;
  }

  /** The answer to GETATTR. */
  @Benchmark
  public Reply encodeAttributes() {
    Reply reply = answered.reply();
    reply.withdraw();
    AttrOut.put(reply.words(), 0, VALID_NANOS);
    Attr.put(reply.words(), AttrOut.ATTR_WORD, stat, 9, 1);
    reply.sendWords(AttrOut.WORDS);
    return reply;
  }

  /** The answer to READDIRPLUS, a page of 25 names with attributes. */
  @Benchmark
  public Reply packDirentplus() {
    Reply reply = answered.reply();
    reply.withdraw();
    DirentWriter writer = reply.dirents(LISTING_BYTES);
    for (int i = 0; i < NAMES && writer.fitsPlus(names[i].length); i++) {
      EntryOut.put(reply.words(), 0, 7, VALID_NANOS, VALID_NANOS);
      Attr.put(reply.words(), EntryOut.ATTR_WORD, stat, 9, 1);
      writer.addPlusWithEntry(names[i], 9, i + 3, Linux.DT_REG);
    }
    writer.send();
    return reply;
  }
}
