package plyfs.cli.image;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import plyfs.cli.CommandFailure;
import plyfs.cli.Console;
import plyfs.cli.GivenPath;
import plyfs.cli.Interruption;
import plyfs.cli.RawArguments;
import plyfs.cli.StoreOption;
import plyfs.copy.UnionTar;
import plyfs.explore.ExploredLayers;
import plyfs.image.save.OutputException;
import plyfs.image.save.TarTarget;
import plyfs.image.store.LayerHolds;
import plyfs.layer.MountRefusedException;
import plyfs.sys.ErrnoException;

/** Writes the tree of a mount, a container or an image as a tar. */
@Command(
    name = "export",
    header = "Write the whole tree of a mount, a container or an image as a tar.",
    description = {
      "The tar holds what a program in the mount sees, of all layers together: no layer, no history"
          + " and no deleted file. Names are sorted. 'plyfs import' makes an image of it. What is"
          + " mounted below MOUNTPOINT, such as a volume, is an empty directory in it. Sockets are"
          + " left out."
    })
final class ExportCommand implements Callable<Integer> {
  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Write to this file instead of standard output.")
  private String output = "";

  @Mixin private StoreOption store = new StoreOption();

  @Parameters(
      index = "0",
      paramLabel = "MOUNTPOINT|CONTAINER|IMAGE",
      description = "What to export.")
  private String source = "";

  @Override
  @SuppressWarnings("try")
  public Integer call() throws CommandFailure, IOException {
    // The launcher finds out whether standard output is a terminal.
    if (output.isEmpty() && Boolean.getBoolean("plyfs.colour")) {
      throw new CommandFailure("refusing to export to a terminal: give -o FILE, or redirect");
    }
    NamedTree tree = NamedTree.find(source, store);
    try (Interruption interruption = new Interruption();
        LayerHolds held = tree.hold()) {
      ExploredLayers layers = tree.layers();
      TarTarget.Writer writer = out -> write(layers, out);
      if (output.isEmpty()) {
        FileOutputStream out = new FileOutputStream(FileDescriptor.out);
        TarTarget.write(out, "to standard output", interruption::isAsked, writer);
      } else {
        TarTarget.write(
            GivenPath.javaPath(RawArguments.bytes(output)), interruption::isAsked, writer);
      }
      return 0;
    } catch (OutputException e) {
      if (output.isEmpty() && e.isReaderGone()) {
        return Console.READER_GONE;
      }
      throw e;
    }
  }

  private static void write(ExploredLayers layers, OutputStream out) throws IOException {
    try {
      UnionTar.write(layers, out, Console::complain);
    } catch (MountRefusedException | ErrnoException e) {
      throw new IOException("cannot read the layers: " + e.getMessage(), e);
    }
  }
}
