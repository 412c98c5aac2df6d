package plyfs.cli.image;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import plyfs.cli.CommandFailure;
import plyfs.cli.Console;
import plyfs.cli.GivenPath;
import plyfs.cli.RawArguments;
import plyfs.cli.StoreOption;
import plyfs.image.load.TreeImport;
import plyfs.image.model.ConfigDraft;
import plyfs.image.model.Digest;
import plyfs.image.model.Platform;
import plyfs.image.model.Reference;
import plyfs.image.store.LayerStore;
import plyfs.sys.Name;

/** Makes an image of a file system in a tar. */
@Command(
    name = "import",
    header = "Make an image of a file system in a tar.",
    description = {
      "The tar becomes the only layer of the image, whose ID is printed. It may be plain, or"
          + " compressed with gzip, bzip2, xz or zstd. To import from the network: curl -L URL |"
          + " plyfs import -",
      "",
      "An INSTRUCTION is a line of a Dockerfile: CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, ONBUILD,"
          + " STOPSIGNAL, USER, VOLUME or WORKDIR.",
      ""
    })
final class ImportCommand implements Callable<Integer> {
  private static final String STANDARD_INPUT = "-";

  @Option(
      names = {"-c", "--change"},
      paramLabel = "INSTRUCTION",
      description = "Say how containers of the image run; can be given several times.")
  private List<String> changes = List.of();

  @Option(
      names = {"-m", "--message"},
      paramLabel = "TEXT",
      description = "What 'plyfs history' shows as the comment (default: 'Imported from FILE').")
  private String message = "";

  @Option(
      names = "--platform",
      paramLabel = "OS/ARCH[/VARIANT]",
      description = "What the programs in it run on (default: this machine).")
  private String platform = "";

  @Mixin private StoreOption store = new StoreOption();

  @Parameters(index = "0", paramLabel = "FILE", description = "The tar; '-' is standard input.")
  private String source = "";

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "NAME",
      description = "Name of the image: [REGISTRY/]REPOSITORY[:TAG].")
  private String name = "";

  @Override
  public Integer call() throws CommandFailure, IOException {
    Reference target = name.isEmpty() ? null : NewName.parse(name);
    ConfigDraft config = ConfigDraft.empty(platform());
    config.change(changes.stream().map(CommitCommand::text).toList());
    byte[] path = RawArguments.bytes(source);
    String comment =
        message.isEmpty() ? "Imported from " + Name.printable(path) : CommitCommand.text(message);
    ConfigDraft.Step step = new ConfigDraft.Step(Instant.now(), "", "", comment);
    try (InputStream tar = open(path)) {
      String label = source.equals(STANDARD_INPUT) ? "standard input" : Name.printable(path);
      LayerStore into = store.choose();
      Digest id = TreeImport.run(tar, label, into, config, step, target, new LoadProgress());
      Console.OUT.println(id);
    }
    return 0;
  }

  private InputStream open(byte[] path) throws CommandFailure, IOException {
    if (!source.equals(STANDARD_INPUT)) {
      if (source.contains("://")) {
        throw new CommandFailure(
            "cannot import from a URL: use 'curl -L "
                + Name.printable(path)
                + " | plyfs import -'");
      }
      return Files.newInputStream(GivenPath.javaPath(path));
    }
    if (Boolean.getBoolean("plyfs.inputterminal")) {
      throw new CommandFailure(
          "standard input is a terminal: name a tar, or pipe one in, as in"
              + " 'tar -C DIR -c . | plyfs import -'");
    }
    return new FileInputStream(FileDescriptor.in);
  }

  private Platform platform() throws CommandFailure {
    if (platform.isEmpty()) {
      return Platform.current();
    }
    Platform parsed = Platform.parse(platform);
    if (parsed == null) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "--platform '"
              + Name.printable(RawArguments.bytes(platform))
              + "' is no platform: use OS/ARCH or OS/ARCH/VARIANT, such as linux/arm64");
    }
    return parsed;
  }
}
