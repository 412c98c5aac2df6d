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
      "Layers are counted from the top: 'upper', 'layer 1' for the first of lowerdir=, and so on."
          + " The lookup that is told is the one that a mount makes; nothing is changed, and the"
          + " layers may be in use."
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
        "Path in it, from its root; one that begins with the mount point is understood, too."
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
    ExploredLayers layers;
    if (byOptions) {
      layers = LayerChoice.ofOptions(options.stream().map(RawArguments::bytes).toList());
    } else {
      byte[] source = RawArguments.bytes(words.get(0));
      layers = LayerChoice.of(source, store);
      path = inside(source, path);
    }
    print(layers, path, bench.isEmpty() ? null : costOf(bench));
    return 0;
  }

  /** A path without the mount point that it begins with. */
  private static byte[] inside(byte[] mountpoint, byte[] path) {
    int length = mountpoint.length;
    while (length > 1 && mountpoint[length - 1] == '/') {
      length--;
    }
    boolean isBelow =
        path.length >= length
            && Arrays.equals(path, 0, length, mountpoint, 0, length)
            && mountpoint[0] == '/'
            && (path.length == length || path[length] == '/');
    return isBelow ? Arrays.copyOfRange(path, length, path.length) : path;
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

  private void print(ExploredLayers layers, byte[] path, @Nullable CopyUpCost cost)
      throws CommandFailure {
    try {
      Explanation told = Explain.of(layers, components(path));
      if (json) {
        Console.OUT.println(ExplanationJson.of(told, cost));
      } else {
        ExplanationText.of(told, cost).forEach(Console.OUT::println);
      }
    } catch (Explain.CannotExplainException | MountRefusedException e) {
      throw new CommandFailure(String.valueOf(e.getMessage()));
    } catch (ErrnoException e) {
      throw new CommandFailure(
          "cannot look " + Name.printable(path) + " up: " + Errno.describe(e.errno()));
    }
  }

  private static List<Name> components(byte[] path) throws CommandFailure {
    List<Name> names = new ArrayList<>();
    int start = 0;
    for (int i = 0; i <= path.length; i++) {
      if (i < path.length && path[i] != '/') {
        continue;
      }
      byte[] component = Arrays.copyOfRange(path, start, i);
      start = i + 1;
      boolean isNothing = component.length == 0 || component.length == 1 && component[0] == '.';
      if (isNothing) {
        continue;
      }
      if (!Name.isComponent(component)) {
        throw new CommandFailure(
            CommandFailure.USAGE,
            "path " + Name.printable(path) + " has '..' in it: give it without");
      }
      names.add(Name.of(component));
    }
    return names;
  }
}
