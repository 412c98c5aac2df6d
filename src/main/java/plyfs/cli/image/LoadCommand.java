package plyfs.cli.image;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import plyfs.cli.CommandFailure;
import plyfs.cli.Console;
import plyfs.cli.FailureText;
import plyfs.cli.GivenPath;
import plyfs.cli.LoadChoice;
import plyfs.cli.RawArguments;
import plyfs.cli.StoreOption;
import plyfs.image.load.ImageLoader;
import plyfs.image.load.LoadOptions;
import plyfs.image.load.LoadedImage;
import plyfs.image.model.ProgressListener;
import plyfs.image.store.LayerStore;
import plyfs.sys.Name;

/** Brings saved images into the store. */
@Command(
    name = "load",
    header = "Load saved images into the store.",
    description = {
      "A FILE is what 'docker save', podman or skopeo wrote, or an OCI layout as tar; a DIR is an OCI"
          + " layout, or what 'skopeo copy dir:' wrote. '-' is standard input, and so is no name at"
          + " all. Archives and layers may be plain, or compressed with gzip, zstd, xz or bzip2."
          + " Every digest is checked, and a layer that several images share is unpacked once. A"
          + " file that cannot be loaded changes nothing in the store, and the next one is tried."
    })
final class LoadCommand implements Callable<Integer> {
  private static final String STANDARD_INPUT = "-";

  @Mixin private StoreOption store = new StoreOption();

  @Option(
      names = {"-i", "--input"},
      paramLabel = "FILE",
      description = "Load this file; as a FILE without -i.")
  private List<String> inputs = List.of();

  @Option(
      names = {"-q", "--quiet"},
      description = "Show no progress and no notices, only what was loaded.")
  private boolean quiet;

  @Mixin private LoadChoice choice = new LoadChoice();

  @Parameters(arity = "0..*", paramLabel = "FILE|DIR", description = "What to load.")
  private List<String> sources = List.of();

  @Override
  public Integer call() throws CommandFailure {
    LayerStore into = store.choose();
    LoadOptions options = choice.options();
    List<String> all = new ArrayList<>(inputs);
    all.addAll(sources);
    if (all.isEmpty()) {
      all.add(STANDARD_INPUT);
    }
    int code = 0;
    for (String source : all) {
      try {
        load(source, into, options);
      } catch (CommandFailure | IOException e) {
        Console.complain(sentence(e, source, all.size()));
        code = CommandFailure.FAILED;
      }
      Console.OUT.flush();
    }
    return code;
  }

  private void load(String source, LayerStore into, LoadOptions options)
      throws CommandFailure, IOException {
    LoadProgress progress = new LoadProgress();
    try {
      load(source, into, quiet ? ProgressListener.SILENT : progress, options)
          .forEach(LoadCommand::print);
    } finally {
      if (!quiet) {
        progress.clear();
      }
    }
  }

  private static List<LoadedImage> load(
      String source, LayerStore into, ProgressListener progress, LoadOptions options)
      throws CommandFailure, IOException {
    if (!source.equals(STANDARD_INPUT)) {
      return ImageLoader.load(
          GivenPath.javaPath(RawArguments.bytes(source)), into, progress, options);
    }
    if (Boolean.getBoolean("plyfs.inputterminal")) {
      throw new CommandFailure(
          "standard input is a terminal: name an archive, or pipe one in, as in"
              + " 'docker save IMAGE | plyfs load'");
    }
    try (FileInputStream input = new FileInputStream(FileDescriptor.in)) {
      return ImageLoader.load(input.getChannel(), "standard input", into, progress, options);
    }
  }

  /** Of several files it is said which one failed. */
  private static String sentence(Exception failure, String source, int sources) {
    String sentence = FailureText.of(failure);
    String shown =
        source.equals(STANDARD_INPUT)
            ? "standard input"
            : Name.printable(RawArguments.bytes(source));
    return sources == 1 || sentence.contains(shown) ? sentence : shown + ": " + sentence;
  }

  private static void print(LoadedImage image) {
    for (String tag : image.tags()) {
      Console.OUT.println("Loaded image: " + tag);
    }
    if (image.tags().isEmpty()) {
      Console.OUT.println("Loaded image ID: " + image.id());
    }
  }
}
