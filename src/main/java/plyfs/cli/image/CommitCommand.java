package plyfs.cli.image;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import plyfs.cli.CommandFailure;
import plyfs.cli.Console;
import plyfs.cli.RawArguments;
import plyfs.cli.StoreOption;
import plyfs.copy.LayerChanges;
import plyfs.explore.ExploredLayers;
import plyfs.image.load.ImageMaker;
import plyfs.image.model.ConfigDraft;
import plyfs.image.model.Digest;
import plyfs.image.model.Reference;
import plyfs.image.store.StoredImage;
import plyfs.layer.MountRefusedException;
import plyfs.sys.ErrnoException;

/** Makes an image of what a mount changes. */
@Command(
    name = "commit",
    header = "Make an image of the changes of a mount or container.",
    description = {
      "The changes become a new layer on top of the mount's image, and the ID of the new image is"
          + " printed. The mount stays as it is. Programs may go on writing: each file is taken as"
          + " it is when its turn comes, and one that is written to at that moment is named on"
          + " standard error. Sockets are left out, and so is what lies in other mounts below"
          + " MOUNTPOINT.",
      "",
      "An INSTRUCTION is a line of a Dockerfile: CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, ONBUILD,"
          + " STOPSIGNAL, USER, VOLUME or WORKDIR.",
      ""
    })
final class CommitCommand implements Callable<Integer> {
  @Option(
      names = {"-a", "--author"},
      paramLabel = "TEXT",
      description = "Who made the image, such as 'A. Person <a@example.org>'.")
  private String author = "";

  @Option(
      names = {"-m", "--message"},
      paramLabel = "TEXT",
      description = "What 'plyfs history' shows as the comment.")
  private String message = "";

  @Option(
      names = {"-c", "--change"},
      paramLabel = "INSTRUCTION",
      description = "Change how containers of the image run; can be given several times.")
  private List<String> changes = List.of();

  @Mixin private StoreOption store = new StoreOption();

  @Parameters(
      index = "0",
      paramLabel = "MOUNTPOINT|CONTAINER",
      description = "A mount of an image, or a container, mounted or not.")
  private String source = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "NAME",
      description = "Name of the new image: [REGISTRY/]REPOSITORY[:TAG].")
  private String name = "";

  @Override
  public Integer call() throws CommandFailure, IOException {
    Reference target = name.isEmpty() ? null : NewName.parse(name);
    NamedTree tree = NamedTree.withChanges(source, store);
    StoredImage parent = tree.parent();
    ConfigDraft config = ConfigDraft.of("image " + parent.id(), tree.store().config(parent));
    config.change(changes.stream().map(CommitCommand::text).toList());
    ConfigDraft.Step step =
        new ConfigDraft.Step(Instant.now(), "plyfs commit", text(author), text(message));
    ExploredLayers layers = tree.layers();
    LoadProgress progress = new LoadProgress();
    Digest id =
        ImageMaker.make(
            tree.store(),
            config,
            step,
            out -> write(layers, out, progress::notice),
            target,
            progress);
    Console.OUT.println(id);
    return 0;
  }

  private static boolean write(ExploredLayers layers, OutputStream out, Consumer<String> notices)
      throws IOException {
    if (layers.plan().upper() == null) {
      return false;
    }
    try {
      return LayerChanges.write(layers, out, notices);
    } catch (MountRefusedException | ErrnoException e) {
      throw new IOException("cannot read the layers of the mount: " + e.getMessage(), e);
    }
  }

  /** What was typed, as text. */
  static String text(String argument) {
    return new String(RawArguments.bytes(argument), UTF_8);
  }
}
