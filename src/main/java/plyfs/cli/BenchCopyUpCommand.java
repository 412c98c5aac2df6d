package plyfs.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import plyfs.bench.AxisText;
import plyfs.bench.BenchRun;
import plyfs.bench.ChangePattern;
import plyfs.bench.CopyUpBench;
import plyfs.bench.CopyUpPlan;
import plyfs.bench.Engines;
import plyfs.bench.HtmlReport;
import plyfs.bench.RunFile;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;

/** Measures the cost of changing a file of a lower layer. */
@Command(
    name = "copy-up",
    header = "Measure the cost of the first change of a file in a lower layer.",
    description = {
      "The benchmark creates its own layers and changes files in them through each"
          + " engine in turn. Each sample uses a new mount with an empty upper directory."
          + " The command prints medians with quartiles, and the ratio to kernel overlayfs."
          + " 'First byte' is the time until the system call of the change returns,"
          + " 'durable' the time until fsync(2) returns.",
      "",
      "Cold: the caches are dropped and the change is the first of the mount, so the"
          + " time includes loading the code of a daemon. Warm: the file is in the page"
          + " cache, its name was looked up once, and the daemon has made such changes"
          + " before, so Java has compiled the code.",
      "",
      "The benchmark varies one parameter at a time: sizes with the first pattern and"
          + " the smallest depth, depths with the first pattern and the smallest size,"
          + " patterns with the middle size. --cross measures all combinations.",
      "",
      "A LIST is separated by commas and may contain ranges A..B. A range of sizes"
          + " grows by a factor of 4 (4K..1M is 4K,16K,64K,256K,1M), a range of depths by a"
          + " factor of 2 (1..8 is 1,2,4,8).",
      ""
    },
    footer = {
      "",
      "Engines: plyfs, kernel and fuse-overlayfs, each with mount options after a"
          + " colon, as in plyfs:metacopy=on+open=cache. cp copies the file like 'cp"
          + " --reflink=auto' and changes the copy. The engine volume is always measured:"
          + " it changes an ordinary file of the same file system, as a container does in a"
          + " volume.",
      "Patterns: first-byte, append, truncate, chmod, chown, rename, link, mmap, sparse, many-small.",
      "An engine or file system that is not available is left out with a warning. An"
          + " interrupted run unmounts everything and writes the results so far."
    })
final class BenchCopyUpCommand implements Callable<Integer> {
  private static final int INTERRUPTED = 130;

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = "--sizes",
      paramLabel = "LIST",
      defaultValue = "4K,64K,1M,16M",
      description = "Sizes of the files (default: ${DEFAULT-VALUE}).")
  private String sizes = "";

  @Option(
      names = "--depth",
      paramLabel = "LIST",
      defaultValue = "1,8,64",
      description = "Numbers of directories above the file (default: ${DEFAULT-VALUE}).")
  private String depths = "";

  @Option(names = "--pattern", paramLabel = "LIST", description = "Kinds of change (default: all).")
  private String patterns = ChangePattern.allWords();

  @Option(
      names = "--engine",
      paramLabel = "LIST",
      defaultValue = "plyfs,kernel,fuse-overlayfs,cp",
      description = "Engines to measure (default: ${DEFAULT-VALUE}).")
  private String engines = "";

  @Option(
      names = "--fs",
      paramLabel = "LIST",
      description = {
        "Types of file system, such as ext4,xfs,btrfs,tmpfs (default: that of --dir)."
            + " Another type than that of --dir is created in a file on a loop device, tmpfs"
            + " in memory."
      })
  private String fileSystems = "";

  @Option(
      names = "--volatile",
      description = "Mount every union with the option volatile, which syncs nothing.")
  private boolean isVolatile;

  @Option(
      names = "--cross",
      description = "Measure all combinations of sizes, depths and patterns.")
  private boolean isCross;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description =
          "Samples of each case (default: 5 to 9, as many as fit into about three"
              + " minutes). 'bench compare' needs at least 5.")
  private @Nullable Integer rounds;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      defaultValue = "200",
      description = "Changes that a daemon makes before a warm sample (default: ${DEFAULT-VALUE}).")
  private int warmUps;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Seed for the order of the engines and for the data (default:" + " ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      defaultValue = "/var/tmp",
      description = "Directory for the layers (default: ${DEFAULT-VALUE}).")
  private String directory = "";

  @Option(names = "--csv", paramLabel = "FILE", description = "Write each sample as CSV.")
  private @Nullable String csv;

  @Option(names = "--json", paramLabel = "FILE", description = "Write everything as JSON.")
  private @Nullable String json;

  @Option(names = "--html", paramLabel = "FILE", description = "Write a report with charts.")
  private @Nullable String html;

  @Override
  public Integer call() throws CommandFailure, IOException, ErrnoException {
    @Nullable Path csvFile = file(csv);
    @Nullable Path jsonFile = file(json);
    @Nullable Path htmlFile = file(html);
    CopyUpPlan plan;
    try {
      plan = plan();
    } catch (IllegalArgumentException e) {
      throw wrong(e);
    }
    BenchLines lines = new BenchLines();
    try (Interruption interruption = new Interruption()) {
      BenchRun run =
          new CopyUpBench(plan, new Engines(launcher(), isVolatile), lines, interruption::isAsked)
              .run();
      lines.end(run);
      if (csvFile != null) {
        RunFile.writeCsv(run, csvFile);
      }
      if (jsonFile != null) {
        RunFile.write(run, jsonFile);
      }
      if (htmlFile != null) {
        HtmlReport.write(run, htmlFile);
      }
      return run.interrupted() ? interrupted() : 0;
    } catch (IllegalArgumentException e) {
      throw wrong(e);
    }
  }

  private static int interrupted() {
    Console.complain("interrupted: everything is unmounted, and the results so far are kept");
    return INTERRUPTED;
  }

  private ParameterException wrong(IllegalArgumentException reason) {
    if (spec == null) {
      throw reason;
    }
    return new ParameterException(spec.commandLine(), String.valueOf(reason.getMessage()));
  }

  private CopyUpPlan plan() throws CommandFailure {
    if (rounds != null && rounds < 1) {
      throw new IllegalArgumentException("--rounds " + rounds + ": give 1 or more");
    }
    if (warmUps < 0) {
      throw new IllegalArgumentException("--warm-up " + warmUps + ": give 0 or more");
    }
    Path place = GivenPath.javaPath(RawArguments.bytes(directory)).toAbsolutePath();
    if (!Files.isDirectory(place)) {
      throw new CommandFailure(place + " is not a directory: give another --dir");
    }
    return new CopyUpPlan(
        AxisText.sizes(sizes),
        AxisText.depths(depths),
        ChangePattern.list(patterns),
        engines,
        fileSystems.isEmpty() ? List.of() : AxisText.words(fileSystems),
        rounds == null ? 0 : rounds,
        warmUps,
        isCross,
        seed,
        place,
        Name.printable(RawArguments.bytes(commandLine())));
  }

  /** All words after {@code plyfs}, quoted for a shell. */
  private String commandLine() {
    if (spec == null) {
      return "";
    }
    StringBuilder line = new StringBuilder();
    for (String word : spec.commandLine().getParseResult().originalArgs()) {
      boolean isPlain = word.matches("[A-Za-z0-9_./,:=+@%-]+");
      line.append(line.length() == 0 ? "" : " ");
      line.append(isPlain ? word : "'" + word.replace("'", "'\\''") + "'");
    }
    return line.toString();
  }

  /** Checks now that the report can be written at the end. */
  private static @Nullable Path file(@Nullable String name) throws CommandFailure {
    if (name == null) {
      return null;
    }
    Path path = GivenPath.javaPath(RawArguments.bytes(name)).toAbsolutePath();
    Path parent = path.getParent();
    if (parent == null || !Files.isWritable(parent) || Files.isDirectory(path)) {
      throw new CommandFailure(
          "cannot write " + path + ": its directory does not exist, or you cannot write to it");
    }
    return path;
  }

  private static @Nullable Path launcher() {
    String path = System.getProperty("plyfs.launcher");
    return path == null ? null : Path.of(path).toAbsolutePath().normalize();
  }
}
