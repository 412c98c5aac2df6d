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

/** Measures what it costs to change a file of a lower layer. */
@Command(
    name = "copy-up",
    header = "Measure what the first change of a file of a lower layer costs.",
    description = {
      "Makes layers of its own, and changes files in them through each engine in turn: each sample on"
          + " a fresh mount with an empty upper directory. Prints medians with quartiles and the"
          + " ratio to kernel overlayfs. 'First byte' is the time until the change was answered,"
          + " 'durable' the time until fsync(2) has returned.",
      "",
      "Cold: caches are dropped, and it is the first change that the mount sees, so the start of a"
          + " daemon's code counts. Warm: the file is in the page cache, it was looked up once, and"
          + " the daemon has made such changes before (the code of Plyfs is compiled as it runs).",
      "",
      "One thing is varied at a time: sizes and depths with the first pattern (sizes at the smallest"
          + " depth, depths at the smallest size), patterns at the middle size. --cross measures all"
          + " combinations.",
      "",
      "A list has commas. A range A..B has its ends and the steps between: sizes four times as large"
          + " each (4K..1M is 4K,16K,64K,256K,1M), depths twice (1..8 is 1,2,4,8).",
      ""
    },
    footer = {
      "",
      "Engines: plyfs, kernel, fuse-overlayfs; with mount options after a colon, as in"
          + " plyfs:metacopy=on+open=cache. volume is always there: the same change in an"
          + " ordinary file of the same file system, as a container makes it in a volume. cp copies the file as 'cp --reflink=auto' does,"
          + " and changes the copy.",
      "Patterns: first-byte, append, truncate, chmod, chown, rename, link, mmap, sparse, many-small.",
      "What is missing is named and left out. An interrupted run unmounts everything, and keeps and"
          + " writes what it measured."
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
      description = "Directories above the file (default: ${DEFAULT-VALUE}).")
  private String depths = "";

  @Option(
      names = "--pattern",
      paramLabel = "LIST",
      description = "What is done to the file (default: all).")
  private String patterns = ChangePattern.allWords();

  @Option(
      names = "--engine",
      paramLabel = "LIST",
      defaultValue = "plyfs,kernel,fuse-overlayfs,cp",
      description = "Who does it (default: ${DEFAULT-VALUE}).")
  private String engines = "";

  @Option(
      names = "--fs",
      paramLabel = "LIST",
      description = {
        "File systems, such as ext4,xfs,btrfs,tmpfs (default: that of --dir). One that is not that of"
            + " --dir is made in a file under a loop device, tmpfs in memory."
      })
  private String fileSystems = "";

  @Option(
      names = "--volatile",
      description = "Mount every union with the option volatile: nothing is synced.")
  private boolean isVolatile;

  @Option(
      names = "--cross",
      description = "Measure all combinations of sizes, depths and patterns.")
  private boolean isCross;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description =
          "Samples of each case (default: 5 to 9, as many as fit into about three minutes)."
              + " 'bench compare' needs 5.")
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
      description = "For the order of the engines and the data (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      defaultValue = "/var/tmp",
      description = "Where the layers are made (default: ${DEFAULT-VALUE}).")
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
    Console.complain("interrupted: everything is unmounted, and what was measured is kept");
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

  /** All words after {@code plyfs}, quoted as a shell wants them. */
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

  /** The report is written at the end: whether it can be is asked now. */
  private static @Nullable Path file(@Nullable String name) throws CommandFailure {
    if (name == null) {
      return null;
    }
    Path path = GivenPath.javaPath(RawArguments.bytes(name)).toAbsolutePath();
    Path parent = path.getParent();
    if (parent == null || !Files.isWritable(parent) || Files.isDirectory(path)) {
      throw new CommandFailure("cannot write " + path + ": its directory is missing or not yours");
    }
    return path;
  }

  private static @Nullable Path launcher() {
    String path = System.getProperty("plyfs.launcher");
    return path == null ? null : Path.of(path).toAbsolutePath().normalize();
  }
}
