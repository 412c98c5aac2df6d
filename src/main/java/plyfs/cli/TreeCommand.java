package plyfs.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import plyfs.explore.ExploredLayers;
import plyfs.explore.LayerTree;
import plyfs.explore.LayerTreeJson;
import plyfs.explore.LayerTreeReader;
import plyfs.explore.LayerTreeText;
import plyfs.layer.MountRefusedException;
import plyfs.sys.ErrnoException;

/** Shows what each layer adds, changes and deletes, and what is wasted. */
@Command(
    name = "tree",
    header = "Show what each layer adds, changes and deletes, and which bytes nobody sees.",
    description = {
      "Layers are counted from the top, as 'explain' does, and listed from the lowest: A added, C"
          + " changed, D deleted, with the bytes that the layer holds for it, or that a deletion"
          + " hides and does not free. Of all layers the largest entries are shown, of one layer"
          + " (--layer) all. A file is wasted if a layer holds it and the union shows it"
          + " nowhere; efficiency is the part of all bytes that is not."
    })
final class TreeCommand implements Callable<Integer> {
  /** Exit code where more is wasted than {@code --max-wasted} allows. */
  private static final int TOO_MUCH = 3;

  private static final int DEFAULT_DEPTH = 2;
  private static final int ALL = -1;

  @Option(
      names = "--layer",
      paramLabel = "N",
      description = "Only this layer: 0 is the upper one, 1 the topmost lower one.")
  private int layer = ALL;

  @Option(
      names = "--depth",
      paramLabel = "D",
      description = "How many names of each path are shown (default: 2, with --layer all).")
  private int depth = ALL;

  @Option(names = "--json", description = "Print one JSON object, with every change.")
  private boolean json;

  @Option(
      names = "--ci",
      description = "Print one line; exit code 3 if more is wasted than --max-wasted.")
  private boolean ci;

  @Option(
      names = "--max-wasted",
      paramLabel = "SIZE|PART",
      description = "For --ci: 50MB, or 10%% of all bytes.")
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
    WasteLimit limit = ci ? WasteLimit.parse(maxWasted) : null;
    ExploredLayers layers = LayerChoice.of(RawArguments.bytes(source), store);
    LayerTree tree;
    try {
      tree = LayerTreeReader.read(layers);
    } catch (MountRefusedException | ErrnoException e) {
      throw new CommandFailure("cannot read the layers: " + e.getMessage());
    }
    if (layer != ALL && tree.layers().stream().noneMatch(each -> each.number() == layer)) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "there is no layer " + layer + ": the lowest is " + tree.layers().get(0).number());
    }
    boolean isTooMuch = limit != null && limit.isExceeded(tree.wastedBytes(), tree.bytes());
    if (json) {
      Console.OUT.println(LayerTreeJson.of(tree, layer));
    } else if (limit != null) {
      String verdict = isTooMuch ? ", more than " : ", within ";
      Console.OUT.println(LayerTreeText.summary(tree) + verdict + limit);
    } else {
      LayerTreeText.of(tree, layer, depth == ALL && layer == ALL ? DEFAULT_DEPTH : depth)
          .forEach(Console.OUT::println);
    }
    return isTooMuch ? TOO_MUCH : 0;
  }
}
