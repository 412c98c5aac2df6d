package plyfs.cli.image;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
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
import plyfs.image.save.ImageSaver;
import plyfs.image.save.OutputException;
import plyfs.image.save.SaveFormat;

/** Writes images of the store to an archive. */
@Command(
    name = "save",
    header = "Save images to an archive or an OCI layout.",
    description = {
      "Layers come out byte for byte as they were loaded. A name with a tag saves this tag, a name"
          + " without saves all its tags, an image ID saves the image without a name."
    })
final class SaveCommand implements Callable<Integer> {
  private static final Map<String, SaveFormat> FORMATS =
      Map.of(
          "docker-archive", SaveFormat.DOCKER_ARCHIVE,
          "oci", SaveFormat.OCI_ARCHIVE,
          "oci-archive", SaveFormat.OCI_ARCHIVE,
          "oci-dir", SaveFormat.OCI_DIRECTORY);

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description = "Write to this file, or directory, instead of standard output.")
  private String output = "";

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = {
        "docker-archive (default): as 'docker save' writes, layers not compressed. oci,"
            + " oci-archive: an OCI layout as tar, oci-dir: as directory, with the manifests and"
            + " compressed layers by which the images came, where they came by any."
      })
  private String format = "docker-archive";

  @Mixin private StoreOption store = new StoreOption();

  @Parameters(arity = "1..*", paramLabel = "IMAGE", description = "What to save.")
  private List<String> images = List.of();

  @Override
  public Integer call() throws CommandFailure, IOException {
    SaveFormat chosen = FORMATS.get(format);
    if (chosen == null) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "--format '" + format + "' is none of docker-archive, oci, oci-archive, oci-dir");
    }
    if (output.isEmpty() && chosen == SaveFormat.OCI_DIRECTORY) {
      throw new CommandFailure(
          CommandFailure.USAGE, "--format oci-dir needs a directory: give -o DIR");
    }
    // The launcher finds out whether standard output is a terminal.
    if (output.isEmpty() && Boolean.getBoolean("plyfs.colour")) {
      throw new CommandFailure("refusing to save to a terminal: give -o FILE, or redirect");
    }
    try (Interruption interruption = new Interruption()) {
      ImageSaver saver = new ImageSaver(store.choose(), chosen, interruption::isAsked);
      if (output.isEmpty()) {
        saver.write(images, new FileOutputStream(FileDescriptor.out), "to standard output");
      } else {
        saver.write(images, GivenPath.javaPath(RawArguments.bytes(output)));
      }
      return 0;
    } catch (OutputException e) {
      if (output.isEmpty() && e.isReaderGone()) {
        return Console.READER_GONE;
      }
      throw e;
    }
  }
}
