package plyfs.union;

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
import plyfs.sys.Name;
import plyfs.union.api.NodeView;

/** Lookups in the engine, over an upper and two lower directories on a disk; needs root. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class LookupBenchmark {
  /** Layers that have the directory: the upper one, the lower ones, or all three. */
  @Param({"upper", "lower", "merged"})
  public String directory = "";

  private final UnionFixture fixture = UnionFixture.onHost(2);
  private final NodeView view = new NodeView();
  private final Name known = Name.of("known");
  private final Name fresh = Name.of("fresh");
  private final Name missing = Name.of("missing");
  private long parent;

  @Setup
  public void mount() throws Exception {
    fixture.upper("upper/known=x", "upper/fresh=x", "merged/");
    fixture.lower(1, "lower/", "merged/");
    fixture.lower(2, "lower/known=x", "lower/fresh=x", "merged/known=x", "merged/fresh=x");
    UnionPaths union = fixture.mount();
    parent = union.resolve(directory);
    union.resolve(directory + "/known");
  }

  @TearDown
  public void unmount() {
    fixture.close();
  }

  /** A name whose node there is. */
  @Benchmark
  public long known() throws ErrnoException {
    return lookUpAndForget(known);
  }

  /** A name that is found in the layers, in the lowest one if that has the directory. */
  @Benchmark
  public long found() throws ErrnoException {
    return lookUpAndForget(fresh);
  }

  private long lookUpAndForget(Name name) throws ErrnoException {
    UnionFs fs = fixture.fs();
    fs.lookup(parent, name, view);
    fs.forget(view.nodeId(), 1);
    return view.ino();
  }

  /** A name that no layer has. */
  @Benchmark
  public long missing() throws ErrnoException {
    fixture.fs().lookup(parent, missing, view);
    return view.nodeId();
  }
}
