package plyfs.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import plyfs.daemon.MountState;
import plyfs.explore.CopyUpCost;
import plyfs.explore.Explain;
import plyfs.explore.Explanation;
import plyfs.explore.ExplanationJson;
import plyfs.explore.ExplanationText;
import plyfs.explore.ExploredLayers;
import plyfs.layer.MountRefusedException;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;

/** Explains which layer a path comes from, and what changes would do to it. */
@Command(
    name = "explain",
    header = "Explain which layer a path comes from, and what a change of it would do.",
    customSynopsis = {
      "plyfs explain [--json] [--bench FILE] [--store DIR] MOUNTPOINT|IMAGE PATH",
      "       plyfs explain [--json] [--bench FILE] -o OPTIONS PATH"
    },
    description = {
      "Layers are numbered from the base, layer 1. 'upper' is the upper directory,"
          + " which holds the changes of a mount. The command performs the same lookup as a"
          + " mount. It changes nothing, and a mount may use the layers meanwhile.",
      "",
      "The command follows symbolic links in the path, inside the mount or image, and"
          + " prints each. It explains a symbolic link at the end of the path itself,"
          + " unless the path ends with a slash.",
      "",
      "Exit codes: 0 the path exists; 1 it does not exist, or an error occurred; 2"
          + " wrong usage.",
      ""
    })
final class ExplainCommand implements Callable<Integer> {
  @Option(
      names = {"-o", "--options"},
      paramLabel = "OPTIONS",
      description = "Mount options that name the layers, instead of MOUNTPOINT or IMAGE.")
  private List<String> options = new ArrayList<>();

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Option(
      names = "--store",
      paramLabel = "DIR",
      description = "Store of the images (default: $PLYFS_STORE, or /var/lib/plyfs for root).")
  private String store = "";

  @Option(
      names = "--bench",
      paramLabel = "FILE",
      description =
          "A result of 'plyfs bench copy-up --json', used to estimate how long a copy-up"
              + " takes.")
  private String bench = "";

  @Parameters(
      arity = "1..2",
      paramLabel = "MOUNTPOINT|IMAGE PATH",
      description = {
        "The mount point of a Plyfs mount, or an image in the store.",
        "Path from the root of the mount or image. It may begin with the mount point."
      })
  private List<String> words = new ArrayList<>();

  @Override
  public Integer call() throws CommandFailure, IOException {
    boolean byOptions = !options.isEmpty();
    if (words.size() != (byOptions ? 1 : 2)) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          byOptions
              ? "with -o, PATH must be the only argument: see 'plyfs explain --help'"
              : "PATH is missing: see 'plyfs explain --help'");
    }
    byte[] path = RawArguments.bytes(words.get(words.size() - 1));
    refuseDots(path);
    ExploredLayers layers;
    if (byOptions) {
      layers = LayerChoice.ofOptions(options.stream().map(RawArguments::bytes).toList());
    } else {
      byte[] source = RawArguments.bytes(words.get(0));
      MountState mount = LayerChoice.mountAt(source);
      layers = mount == null ? LayerChoice.of(source, store) : LayerChoice.of(mount);
      path = mount == null ? path : inside(path, source, mount.mountpoint());
    }
    return print(layers, path, bench.isEmpty() ? null : costOf(bench));
  }

  /** Removes the mount point from the beginning of a path, as typed or as an absolute path. */
  private static byte[] inside(byte[] path, byte[] typed, byte[] mountpoint) {
    for (byte[] before : new byte[][] {typed, mountpoint}) {
      byte[] below = MountedPath.below(before, path);
      if (below != null) {
        return below;
      }
    }
    return path;
  }

  private static CopyUpCost costOf(String file) throws CommandFailure {
    try {
      return CopyUpCost.parse(Files.readString(GivenPath.javaPath(RawArguments.bytes(file))));
    } catch (NoSuchFileException e) {
      throw new CommandFailure("cannot open " + file + ": No such file or directory (ENOENT)");
    } catch (IOException e) {
      throw new CommandFailure("cannot use " + file + ": " + e.getMessage());
    }
  }

  /** Prints the explanation; returns the exit code, which tells whether the path exists. */
  private int print(ExploredLayers layers, byte[] path, @Nullable CopyUpCost cost)
      throws CommandFailure {
    try {
      Explanation told = Explain.of(layers, path);
      if (json) {
        Console.OUT.println(ExplanationJson.of(told, cost));
      } else {
        ExplanationText.of(told, cost).forEach(Console.OUT::println);
      }
      return told.object() == null ? CommandFailure.FAILED : 0;
    } catch (Explain.CannotExplainException | MountRefusedException e) {
      throw new CommandFailure(String.valueOf(e.getMessage()));
    } catch (ErrnoException e) {
      throw new CommandFailure(
          "cannot look " + Name.printable(path) + " up: " + Errno.describe(e.errno()));
    }
  }

  /**
   * Refuses {@code ..}: the path begins at the root of the mount, so {@code ..} could only lead out
   * of it.
   */
  private static void refuseDots(byte[] path) throws CommandFailure {
    for (byte[] component : MountedPath.components(path)) {
      if (Arrays.equals(component, new byte[] {'.', '.'})) {
        throw new CommandFailure(
            CommandFailure.USAGE,
            "path " + Name.printable(path) + " contains '..': give it without '..'");
      }
    }
  }
}
