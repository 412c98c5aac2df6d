package plyfs.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import plyfs.sys.Capabilities;
import plyfs.sys.ErrnoException;
import plyfs.sys.MountSyscalls;

/** Measures the cost of copy-up, case by case, with the engines in turn. */
public final class CopyUpBench {
  private static final int OWN_WARM_UPS = 30;

  private final CopyUpPlan plan;
  private final Engines engineReader;
  private final BenchListener listener;
  private final BooleanSupplier interrupted;
  private final List<String> leftOut = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();
  private final List<CaseResult> results = new ArrayList<>();
  private final List<TestedFileSystem.Description> places = new ArrayList<>();

  /**
   * A run to be started.
   *
   * @param interrupted polled between samples: whether to end early
   */
  public CopyUpBench(
      CopyUpPlan plan, Engines engines, BenchListener listener, BooleanSupplier interrupted) {
    this.plan = plan;
    this.engineReader = engines;
    this.listener = listener;
    this.interrupted = interrupted;
  }

  /**
   * Measures everything that is available on this machine.
   *
   * @return the results, also after an interruption
   * @throws IllegalArgumentException an engine is unknown
   * @throws IOException no engine or not enough space is available; nothing was started
   */
  public BenchRun run() throws IOException, ErrnoException {
    String date = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    List<Engine> engines = present(engineReader.list(plan.engines()));
    @Nullable String busy = BusyProcessors.warning();
    if (busy != null) {
      warn(busy);
    }
    List<String> types = presentTypes();
    List<Point> points = possible(plan.points());
    String tracing = CallTrace.missing();
    if (tracing != null) {
      leaveOut(tracing);
    }
    String fixed = Caches.fixed();
    if (fixed != null) {
      leaveOut(fixed);
    }
    MountSyscalls.raiseDescriptorLimit();
    if (!points.isEmpty()) {
      measure(engines, types, points, tracing == null, fixed == null);
    }
    @Nullable String overlaps = Overlap.warning(results);
    if (overlaps != null) {
      warn(overlaps);
    }
    if (results.isEmpty() && !interrupted.getAsBoolean()) {
      throw new IOException("no case was measured: see the warnings above");
    }
    return new BenchRun(
        BenchRun.FORMAT,
        plan.command(),
        date,
        Machine.here(),
        engines.stream()
            .map(each -> new BenchRun.EngineInfo(each.name(), each.description(), each.promise()))
            .toList(),
        places,
        plan.sizes(),
        plan.depths(),
        plan.patterns().stream().map(ChangePattern::word).toList(),
        plan.patternSize(),
        plan.warmUps(),
        leftOut,
        warnings,
        interrupted.getAsBoolean(),
        results);
  }

  private void leaveOut(String sentence) {
    leftOut.add(sentence);
    listener.notice(sentence);
  }

  private void warn(String sentence) {
    warnings.add(sentence);
    listener.notice("warning: " + sentence);
  }

  private List<Engine> present(List<Engine> asked) {
    List<Engine> present = new ArrayList<>();
    for (Engine engine : asked) {
      String reason = engine.missing();
      if (reason == null) {
        present.add(engine);
      } else {
        leaveOut("engine " + engine.name() + " is left out: " + reason);
      }
    }
    return present;
  }

  private List<String> presentTypes() throws IOException {
    Path directory = plan.directory();
    List<String> asked =
        plan.fileSystems().isEmpty()
            ? List.of(TestedFileSystem.typeOf(directory))
            : plan.fileSystems();
    List<String> present = new ArrayList<>();
    for (String type : asked) {
      String reason = TestedFileSystem.missing(type, directory);
      if (reason != null) {
        leaveOut("file system " + type + " is left out: " + reason);
        continue;
      }
      String small = TestedFileSystem.tooSmall(type, directory, plan.bytesNeeded());
      if (small != null) {
        throw new IOException(small);
      }
      present.add(type);
    }
    if (present.isEmpty()) {
      throw new IOException("no file system is left to measure: see the warnings above");
    }
    return present;
  }

  private List<Point> possible(List<Point> asked) {
    boolean mayChown = Capabilities.mayMount();
    if (!mayChown && asked.stream().anyMatch(point -> point.pattern() == ChangePattern.CHOWN)) {
      leaveOut("the pattern chown is left out: only root can change the owner of a file");
    }
    return asked.stream()
        .filter(point -> mayChown || point.pattern() != ChangePattern.CHOWN)
        .toList();
  }

  private void measure(
      List<Engine> engines,
      List<String> types,
      List<Point> points,
      boolean traces,
      boolean dropsCaches)
      throws IOException, ErrnoException {
    int groups = types.size() * points.size() * Temperature.values().length;
    RoundBudget budget = new RoundBudget(plan.rounds(), groups);
    GroupRun groupRun = new GroupRun(engines, budget, listener, interrupted, plan.seed());
    try (Workspace workspace = Workspace.in(plan.directory())) {
      warmOwnCode(workspace.root());
      for (String type : types) {
        if (!interrupted.getAsBoolean()) {
          measureOn(type, workspace, points, groupRun, traces, dropsCaches);
        }
      }
    }
  }

  /** Measures on one file system. A failure keeps the results so far. */
  private void measureOn(
      String type,
      Workspace workspace,
      List<Point> points,
      GroupRun groupRun,
      boolean traces,
      boolean dropsCaches)
      throws IOException {
    try (TestedFileSystem tested = TestedFileSystem.make(type, workspace, plan.bytesNeeded())) {
      places.add(tested.info());
      listener.fileSystem(type + " (" + tested.info().how() + ")");
      SampleTaker taker = prepare(tested, points, dropsCaches);
      for (Point point : points) {
        results.addAll(groupRun.measure(type, point, taker, traces));
      }
    } catch (IOException e) {
      if (!interrupted.getAsBoolean()) { // a signal reaches child programs, too
        leaveOut("file system " + type + " is left out: " + sentence(e));
      }
    }
  }

  private SampleTaker prepare(TestedFileSystem tested, List<Point> points, boolean dropsCaches)
      throws IOException {
    listener.progress("making layers");
    Path lower = Files.createDirectory(tested.root().resolve("lower"));
    Random random = new Random(plan.seed());
    Set<CaseFiles> all = new LinkedHashSet<>();
    points.forEach(point -> all.add(CaseFiles.of(point)));
    List<CaseFiles> warmUps = CaseFiles.forWarmUp(plan.warmUps());
    all.addAll(warmUps);
    for (CaseFiles files : all) {
      if (interrupted.getAsBoolean()) {
        break;
      }
      files.create(lower, random);
    }
    return new SampleTaker(tested, lower, warmUps, dropsCaches);
  }

  /**
   * Runs the measuring code first, because Java compiles it; this code is the same for all engines.
   */
  private void warmOwnCode(Path directory) throws IOException, ErrnoException {
    Path root = Files.createDirectory(directory.resolve("own"));
    for (ChangePattern pattern : plan.patterns()) {
      if (pattern == ChangePattern.CHOWN && !Capabilities.mayMount()) {
        continue;
      }
      CaseFiles files = new CaseFiles(FileKind.PLAIN, pattern.word(), 1, OWN_WARM_UPS, 1);
      Files.createDirectories(files.directory(root));
      for (Path path : files.paths(root)) {
        Files.write(path, new byte[1]);
        new Change(
                pattern,
                List.of(CaseFiles.bytes(path)),
                CaseFiles.bytes(files.directory(root)),
                Change.Before.NOTHING)
            .make();
      }
    }
    Workspace.remove(root);
  }

  /** The failure as one sentence, for a message. */
  static String sentence(Exception failure) {
    @Nullable String message = failure.getMessage();
    return message == null ? failure.toString() : message;
  }
}
