package plyfs.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.sys.ErrnoException;
import plyfs.sys.MountSyscalls;

/** Takes one sample at a time, each on a new mount with a new upper directory. */
final class SampleTaker {
  /** One of this many warm-up changes is synced, because the sync takes most of the time. */
  private static final int UNSYNCED = 10;

  /**
   * Number of warm-up changes that load the classes of the change, so that their system calls are
   * not counted.
   */
  private static final int UNTIMED_WARM_UPS = 20;

  private final TestedFileSystem tested;
  private final Path lower;
  private final List<CaseFiles> warmUps;
  private final boolean dropsCaches;
  private int number;

  /**
   * For one file system.
   *
   * @param lower the lower layer
   * @param warmUps small files to change before a warm sample
   * @param dropsCaches whether a cold sample may drop the caches of the machine
   */
  SampleTaker(TestedFileSystem tested, Path lower, List<CaseFiles> warmUps, boolean dropsCaches) {
    this.tested = tested;
    this.lower = lower;
    this.warmUps = warmUps;
    this.dropsCaches = dropsCaches;
  }

  /** Work on a ready mount. */
  private interface Work<T> {
    T with(Engine.Mounted mounted, Path scratch) throws IOException, ErrnoException;
  }

  /**
   * Takes a sample.
   *
   * @throws IOException the mount, or the preparation, fails
   * @throws ErrnoException the change itself fails
   */
  Sample take(Engine engine, Point point, Temperature temperature)
      throws IOException, ErrnoException {
    return onFreshMount(
        engine,
        point,
        (mounted, scratch) -> {
          prepare(mounted, point, temperature);
          Change change = changeOf(point, mounted);
          int pid = mounted.daemon() == 0 ? MountSyscalls.processId() : mounted.daemon();
          IoCount before = ioOf(pid);
          Change.Timing timing = change.make();
          IoCount io = ioOf(pid).minus(before);
          return new Sample(timing.firstByteNanos(), timing.durableNanos(), io);
        });
  }

  /** Only root can read the counters of a process with more privileges. */
  private static IoCount ioOf(int pid) {
    try {
      return IoCount.of(pid);
    } catch (IOException e) {
      return IoCount.NONE;
    }
  }

  /**
   * The observations of one change that was not timed.
   *
   * @param calls of the daemon; null if they were not traced
   * @param method how the data was copied
   */
  record Observed(@Nullable List<StraceText.Call> calls, CopyMethod method) {}

  /**
   * Repeats the change of a warm sample to observe its method.
   *
   * @param traces whether to trace the daemon
   */
  Observed observe(Engine engine, Point point, boolean traces) throws IOException, ErrnoException {
    if (engine.name().equals(PlainEngine.VOLUME)) {
      return new Observed(null, CopyMethod.NOTHING);
    }
    return onFreshMount(
        engine,
        point,
        (mounted, scratch) -> {
          bringIntoCaches(mounted, point);
          if (mounted.daemon() != 0 && traces) {
            warmUp(mounted, point, Math.min(UNTIMED_WARM_UPS, warmUps.size()));
            return traced(mounted, point, scratch);
          }
          return new Observed(null, seen(mounted, point));
        });
  }

  private Observed traced(Engine.Mounted mounted, Point point, Path scratch)
      throws IOException, ErrnoException {
    Change change = changeOf(point, mounted);
    try (CallTrace trace = CallTrace.of(mounted.daemon(), scratch)) {
      change.make();
      List<StraceText.Call> calls = trace.end();
      return new Observed(calls, MethodEvidence.ofCalls(calls, point.files()));
    }
  }

  /**
   * The method according to the upper file. An open for writing may copy the file up, and before
   * the write its extents are unchanged; if the open does not copy it up, the change follows.
   */
  private CopyMethod seen(Engine.Mounted mounted, Point point) throws ErrnoException {
    CaseFiles files = CaseFiles.of(point);
    Path original = files.paths(lower).get(0);
    Path changed = files.paths(mounted.upper()).get(0);
    Change change = changeOf(point, mounted);
    if (mounted.before() != Change.Before.NOTHING) {
      mounted.before().change(CaseFiles.bytes(changed));
      return MethodEvidence.ofUpper(changed, original);
    }
    change.openOnly();
    if (!Files.exists(changed)) {
      change.make();
      changed = Path.of(new String(change.nameAfter(CaseFiles.bytes(changed)), UTF_8));
    }
    return MethodEvidence.ofUpper(changed, original);
  }

  private static Change changeOf(Point point, Engine.Mounted mounted) {
    return CaseFiles.of(point).change(point.pattern(), mounted.root(), mounted.before());
  }

  private <T> T onFreshMount(Engine engine, Point point, Work<T> work)
      throws IOException, ErrnoException {
    Path scratch = Files.createDirectory(tested.root().resolve("s" + number++));
    try (Engine.Mounted mounted = engine.mount(lower, scratch, CaseFiles.of(point))) {
      return work.with(mounted, scratch);
    } finally {
      Workspace.remove(scratch);
    }
  }

  private void prepare(Engine.Mounted mounted, Point point, Temperature temperature)
      throws IOException, ErrnoException {
    if (temperature == Temperature.WARM) {
      if (mounted.daemon() != 0) {
        warmUp(mounted, point, warmUps.size());
      }
      bringIntoCaches(mounted, point);
    }
    Caches.settle(tested.root());
    if (temperature == Temperature.COLD && dropsCaches) {
      Caches.drop();
    }
  }

  private void bringIntoCaches(Engine.Mounted mounted, Point point) throws IOException {
    CaseFiles files = CaseFiles.of(point);
    files.read(lower);
    if (mounted.before() == Change.Before.NOTHING) {
      files.lookUp(mounted.root());
    }
  }

  /**
   * Runs warm-up changes, because the cost of a change depends on the code that is compiled by
   * then.
   */
  private void warmUp(Engine.Mounted mounted, Point point, int count) throws ErrnoException {
    for (int i = 0; i < count; i++) {
      Change change = warmUps.get(i).change(point.pattern(), mounted.root(), Change.Before.NOTHING);
      if (i % UNSYNCED == 0) {
        change.make();
      } else {
        change.makeUnsynced();
      }
    }
  }
}
