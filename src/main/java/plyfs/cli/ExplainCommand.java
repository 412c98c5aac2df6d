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

/** Tells which layer a path comes from and why, and what changes would do to it. */
@Command(
    name = "explain",
    header = "Tell which layer a path comes from and why, and what a change would do next.",
    customSynopsis = {
      "plyfs explain [--json] [--bench FILE] [--store DIR] MOUNTPOINT|IMAGE PATH",
      "       plyfs explain [--json] [--bench FILE] -o OPTIONS PATH"
    },
    description = {
      "Layers are numbered from the base, layer 1, as everywhere in Plyfs; 'upper' is what a mount"
          + " has changed. The lookup that is told is the one that a mount makes; nothing is"
          + " changed, and the layers may be in use.",
      "",
      "Symbolic links on the way are followed inside the mount or image, and named. One at the end"
          + " is explained itself, unless the path ends with a slash.",
      "",
      "Exit codes: 0 the path exists; 1 it does not, or cannot be explained; 2 wrong usage.",
      ""
    })
final class ExplainCommand implements Callable<Integer> {
  @Option(
      names = {"-o", "--options"},
      paramLabel = "OPTIONS",
      description = "Options of mount that name the layers, instead of a mount or an image.")
  private List<String> options = new ArrayList<>();

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  @Option(
      names = "--store",
      paramLabel = "DIR",
      description = "Where images are kept (default: $PLYFS_STORE, else /var/lib/plyfs for root).")
  private String store = "";

  @Option(
      names = "--bench",
      paramLabel = "FILE",
      description = "A result of 'plyfs bench copy-up --json': how long copies take is told, too.")
  private String bench = "";

  @Parameters(
      arity = "1..2",
      paramLabel = "MOUNTPOINT|IMAGE PATH",
      description = {
        "Where the mount is, or an image of the store.",
        "Path in it, from its root. One that begins with the mount point, as it was given or"
            + " absolute, is understood, too."
      })
  private List<String> words = new ArrayList<>();

  @Override
  public Integer call() throws CommandFailure, IOException {
    boolean byOptions = !options.isEmpty();
    if (words.size() != (byOptions ? 1 : 2)) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          byOptions
              ? "with -o only PATH is given: see 'plyfs explain --help'"
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

  /** A path without the mount point that it begins with, as it was typed or as it is. */
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
      throw new CommandFailure("there is no file " + file + " (ENOENT)");
    } catch (IOException e) {
      throw new CommandFailure("cannot use " + file + ": " + e.getMessage());
    }
  }

  /** Prints; the exit code, which says whether there is such a path. */
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

  /** What a person types is from the root of the mount, so it can only lead out of it. */
  private static void refuseDots(byte[] path) throws CommandFailure {
    for (byte[] component : MountedPath.components(path)) {
      if (Arrays.equals(component, new byte[] {'.', '.'})) {
        throw new CommandFailure(
            CommandFailure.USAGE,
            "path " + Name.printable(path) + " has '..' in it: give it without");
      }
    }
  }
}
