package plyfs.union;

import java.io.IOException;
import java.io.RandomAccessFile;
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
import plyfs.union.api.Forecast;

/**
 * What is decided before the first write into a lower file copies it up: which directories above it
 * are missing, what of it is copied, and by which extents. Nothing is copied; needs root.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class CopyUpPlanBenchmark {
  private static final int EXTENT_BYTES = 1 << 16;

  /** Directories above the file that have no upper part. */
  @Param({"1", "8"})
  public int depth;

  /** Extents of the file, with a hole behind each; 1 is a file without a hole. */
  @Param({"1", "64"})
  public int extents;

  private final UnionFixture fixture = UnionFixture.onHost(1);
  private long file;

  @Setup
  public void mount() throws Exception {
    String path = "d/".repeat(depth) + "file";
    fixture.lower(1, path + "=");
    write(path);
    file = fixture.mount().resolve(path);
  }

  private void write(String path) throws IOException {
    try (RandomAccessFile to = new RandomAccessFile(fixture.realPath(1, path).toFile(), "rw")) {
      byte[] data = new byte[EXTENT_BYTES];
      for (int i = 0; i < extents; i++) {
        to.seek(2L * i * EXTENT_BYTES);
        to.write(data);
      }
      to.setLength(extents == 1 ? EXTENT_BYTES : 2L * extents * EXTENT_BYTES);
    }
  }

  @TearDown
  public void unmount() {
    fixture.close();
  }

  @Benchmark
  public Forecast planOfAWrite() throws ErrnoException {
    return fixture.fs().inspection().write(file);
  }
}
