package plyfs.cli.image;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import plyfs.cli.CommandFailure;
import plyfs.cli.Console;
import plyfs.cli.RawArguments;
import plyfs.cli.StoreOption;
import plyfs.cli.format.Units;
import plyfs.explore.ExploredLayers;
import plyfs.explore.UpperDiff;
import plyfs.image.store.LayerHolds;
import plyfs.layer.MountRefusedException;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;

/** Prints the changes of a mount, or from one image to another. */
@Command(
    name = "diff",
    header = "List what was added (A), changed (C) and deleted (D) in a mount or from one image.",
    customSynopsis = {
      "plyfs diff [-s | --json] [--store DIR] MOUNTPOINT|CONTAINER",
      "       plyfs diff [-s | --json] [--store DIR] MOUNTPOINT|CONTAINER|IMAGE"
          + " MOUNTPOINT|CONTAINER|IMAGE"
    },
    description = {
      "With one name: what a mount changes of its layers. With two: what is different in the second"
          + " one, whatever their layers are.",
      "",
      "The format is that of 'docker diff'. A file is changed if its type, mode,"
          + " owner, size, content, modification time or capability differs. A directory is"
          + " also listed as changed if an entry in it is listed. The entries of a deleted"
          + " directory are not listed. An unprintable byte is shown as \\xHH, a backslash"
          + " as \\\\.",
      ""
    })
final class DiffCommand implements Callable<Integer> {
  private static final int SIZE_WIDTH = 7;

  @Option(
      names = {"-s", "--size"},
      description =
          "Show the size of each regular file after its letter; of a deleted one, what it had.")
  private boolean withSize;

  @Option(
      names = "--json",
      description = "Print one JSON object a line, with 'kind', 'path' and 'bytes'.")
  private boolean json;

  @Mixin private StoreOption store = new StoreOption();

  @Parameters(index = "0", paramLabel = "NAME", description = "What to look at.")
  private String first = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "NAME",
      description = "What to compare it with.")
  private String second = "";

  @Override
  public Integer call() throws CommandFailure, IOException {
    if (json && withSize) {
      throw new CommandFailure(
          CommandFailure.USAGE, "--json has sizes already: give it without --size");
    }
    try {
      if (second.isEmpty()) {
        compareWithItsLayers();
      } else {
        compareBoth();
      }
    } catch (MountRefusedException | ErrnoException e) {
      throw new CommandFailure("cannot compare the layers: " + e.getMessage());
    }
    return 0;
  }

  private void compareWithItsLayers()
      throws CommandFailure, IOException, MountRefusedException, ErrnoException {
    NamedTree tree = NamedTree.find(first, store);
    if (tree.image() != null) {
      throw new CommandFailure(
          "'"
              + Name.printable(RawArguments.bytes(first))
              + "' is an image, which has no changes: name a mount, or a second image to compare"
              + " it with");
    }
    ExploredLayers layers = tree.layers();
    UpperDiff.compare(
        layers.plan(),
        layers.aufs() ? UpperDiff.Aufs.MARKS : UpperDiff.Aufs.NAMES,
        new Printer(withSize, json));
  }

  @SuppressWarnings("try")
  private void compareBoth()
      throws CommandFailure, IOException, MountRefusedException, ErrnoException {
    NamedTree before = NamedTree.find(first, store);
    NamedTree after = NamedTree.find(second, store);
    try (LayerHolds one = before.hold();
        LayerHolds other = after.hold()) {
      UpperDiff.compare(before.layers(), after.layers(), new Printer(withSize, json));
    }
  }

  private record Printer(boolean withSize, boolean json) implements UpperDiff.Lines {
    @Override
    public void line(UpperDiff.Kind kind, byte[] path) {
      Console.OUT.println(kind.letter() + " " + Name.printable(path));
    }

    @Override
    public void line(UpperDiff.Kind kind, byte[] path, long bytes) {
      if (json) {
        JsonObject line = new JsonObject();
        line.addProperty("kind", String.valueOf(kind.letter()));
        line.addProperty("path", Name.printable(path));
        line.addProperty("bytes", bytes);
        Console.OUT.println(line);
      } else if (withSize) {
        String size = String.format("%" + SIZE_WIDTH + "s", Units.size(bytes));
        Console.OUT.println(kind.letter() + " " + size + " " + Name.printable(path));
      } else {
        line(kind, path);
      }
    }
  }
}
