package plyfs.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import plyfs.explore.ExploredLayers;
import plyfs.explore.LayerNumbers;
import plyfs.explore.LayerTree;
import plyfs.explore.LayerTreeJson;
import plyfs.explore.LayerTreeReader;
import plyfs.explore.LayerTreeText;
import plyfs.layer.MountRefusedException;
import plyfs.sys.ErrnoException;

/** Shows what each layer adds, changes and deletes, and what is wasted. */
@Command(
    name = "tree",
    header = "Show what each layer adds, changes and deletes, and which of its bytes are hidden.",
    description = {
      "Layers are numbered from the base, layer 1, as everywhere in Plyfs; below each stands the"
          + " command that made it. A is added, C changed, D deleted, with the bytes that the layer"
          + " holds for it; with a minus, those that it hides and does not free. Of all layers the"
          + " largest entries are shown, of one layer (--layer) all. A file is wasted if a layer"
          + " holds it and the union shows it nowhere; efficiency is the part of all bytes that is"
          + " not.",
      "",
      "Exit codes: 0 done; 1 failed; 2 wrong usage; 3 more is wasted than --max-wasted.",
      ""
    })
final class TreeCommand implements Callable<Integer> {
  /** Exit code where more is wasted than {@code --max-wasted} allows. */
  private static final int TOO_MUCH = 3;

  private static final int DEFAULT_DEPTH = 2;
  private static final int ALL = -1;

  @Option(
      names = "--layer",
      paramLabel = "N",
      description = "Only this layer: 1 is the base, 0 the upper one of a mount.")
  private @Nullable Integer layer;

  @Option(
      names = "--depth",
      paramLabel = "D",
      description = "How many names of each path are shown (default: 2, with --layer all).")
  private @Nullable Integer depth;

  @Option(names = "--json", description = "Print one JSON object, with every change.")
  private boolean json;

  @Option(
      names = "--ci",
      description = "Print one line; exit code 3 if more is wasted than --max-wasted.")
  private boolean ci;

  @Option(
      names = "--max-wasted",
      paramLabel = "SIZE|PART",
      description = "For --ci: 50MB, 50MiB, or 10%% of all bytes.")
  private String maxWasted = "";

  @Option(
      names = "--store",
      paramLabel = "DIR",
      description = "Where images are kept (default: $PLYFS_STORE, else /var/lib/plyfs for root).")
  private String store = "";

  @Parameters(
      paramLabel = "IMAGE|MOUNTPOINT",
      description = "An image of the store, or where a mount is.")
  private String source = "";

  @Override
  public Integer call() throws CommandFailure, IOException {
    if (ci == maxWasted.isEmpty()) {
      throw new CommandFailure(
          CommandFailure.USAGE, "options '--ci' and '--max-wasted' belong together");
    }
    if (depth != null && depth < 0) {
      throw new CommandFailure(
          CommandFailure.USAGE, "option '--depth' needs a number of names, 0 or more: " + depth);
    }
    WasteLimit limit = ci ? WasteLimit.parse(maxWasted) : null;
    ExploredLayers layers = LayerChoice.of(RawArguments.bytes(source), store);
    checkLayer(layers);
    LayerTree tree = read(layers);
    boolean isTooMuch = limit != null && limit.isExceeded(tree.wastedBytes(), tree.bytes());
    if (json) {
      Console.OUT.println(LayerTreeJson.of(tree, layer == null ? ALL : layer));
    } else if (limit != null) {
      String verdict = isTooMuch ? ", more than " : ", within ";
      Console.OUT.println(LayerTreeText.summary(tree) + verdict + limit);
    } else {
      int shown = depth != null ? depth : layer == null ? DEFAULT_DEPTH : ALL;
      LayerTreeText.of(tree, layer == null ? ALL : layer, shown).forEach(Console.OUT::println);
    }
    return isTooMuch ? TOO_MUCH : 0;
  }

  private void checkLayer(ExploredLayers layers) throws CommandFailure {
    int highest = layers.numbers().lowers();
    int lowest = layers.plan().upper() == null ? 1 : LayerNumbers.UPPER;
    if (layer != null && (layer < lowest || layer > highest)) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "there is no layer " + layer + ": they are " + lowest + " to " + highest);
    }
  }

  private static LayerTree read(ExploredLayers layers) throws CommandFailure {
    try (TreeProgress progress = new TreeProgress()) {
      return LayerTreeReader.read(layers, progress);
    } catch (MountRefusedException | ErrnoException e) {
      throw new CommandFailure("cannot read the layers: " + e.getMessage());
    }
  }
}
