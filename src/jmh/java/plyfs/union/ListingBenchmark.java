package plyfs.union;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.union.api.DirSink;
import plyfs.union.api.NodeView;
import plyfs.union.node.Listing;

/** Listings of a directory; the merge of layers needs root. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class ListingBenchmark {
  private static final int LAYERS = 3;

  /** Names that the directory shows, of which each layer has a third, and all of one share. */
  @Param({"30", "3000"})
  public int names;

  private final UnionFixture fixture = UnionFixture.onHost(LAYERS);
  private byte[][] bytes = {};
  private long directory;

  @Setup
  public void mount() throws Exception {
    bytes = new byte[names][];
    for (int i = 0; i < names; i++) {
      bytes[i] = ("file-number-" + i).getBytes(US_ASCII);
    }
    for (int layer = 1; layer <= LAYERS; layer++) {
      String[] lines = new String[names / LAYERS + 1];
      lines[0] = "d/everywhere=";
      for (int i = 1; i < lines.length; i++) {
        lines[i] = "d/" + new String(bytes[(i - 1) * LAYERS + layer - 1], US_ASCII) + "=";
      }
      fixture.lower(layer, lines);
    }
    directory = fixture.mount().resolve("d");
  }

  @TearDown
  public void unmount() {
    fixture.close();
  }

  /** Three layers read from the disk, merged, and given from the first entry to the last. */
  @Benchmark
  public int mergedAndRead() throws ErrnoException {
    Counting sink = new Counting();
    fixture.fs().readDirectory(directory, 0, sink, null);
    fixture.fs().readDirectory(directory, sink.last, sink, null); // the end, which drops the list
    return sink.entries;
  }

  /** The order and the cookies alone, of names in memory. */
  @Benchmark
  public int sorted() {
    Listing listing = new Listing();
    for (byte[] name : bytes) {
      listing.add(name, Linux.DT_REG, 1, 1);
    }
    listing.sort(1);
    return listing.after(Listing.FIRST_COOKIE);
  }

  private static final class Counting implements DirSink {
    private int entries;
    private long last;

    @Override
    public boolean hasRoom(int nameBytes) {
      return true;
    }

    @Override
    public void entry(byte[] name, long cookie, int type, long ino) {
      entries++;
      last = cookie;
    }

    @Override
    public void entryPlus(byte[] name, long cookie, int type, NodeView view) {
      entry(name, cookie, type, view.ino());
    }
  }
}
