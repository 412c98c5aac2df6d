package plyfs.cli.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import plyfs.cli.CommandFailure;
import plyfs.cli.Console;
import plyfs.cli.GivenPath;
import plyfs.cli.RawArguments;
import plyfs.cli.RegistryOptions;
import plyfs.cli.RemoteImageName;
import plyfs.cli.StoreOption;
import plyfs.cli.TransferDisplay;
import plyfs.image.load.ImageLoader;
import plyfs.image.model.Digest;
import plyfs.image.model.Reference;
import plyfs.image.store.LayerStore;
import plyfs.image.store.StoreVerification;
import plyfs.image.transfer.ImagePull;
import plyfs.image.transfer.PulledImage;
import plyfs.image.transfer.RemoteName;

/** Compares the store with what it promises. */
@Command(
    name = "verify",
    header = "Check that the images in the store are as they were loaded.",
    description = {
      "Reads every file of every layer, and compares configurations, manifests, compressed layers"
          + " and unpacked layers with their digests. Owners, modes and times of files in an"
          + " unpacked layer are not compared.",
      "Exit codes: 0 all is as it was loaded; 1 something was changed, or cannot be read; 2 wrong"
          + " usage."
    })
final class VerifyCommand implements Callable<Integer> {
  @Mixin private StoreOption store = new StoreOption();

  @Option(
      names = "--repair",
      paramLabel = "FILE|DIR|NAME",
      description =
          "Load this archive or layout, or pull the image with this name, and replace what is"
              + " damaged by what it has. A layer that a mount uses cannot be replaced.")
  private String archive = "";

  @Mixin private RegistryOptions registry = new RegistryOptions();

  @Option(
      names = {"-q", "--quiet"},
      description = "Show no progress and no summary, only what is damaged.")
  private boolean quiet;

  @Parameters(paramLabel = "IMAGE", description = "Images to check (default: all).")
  private List<String> images = List.of();

  @Override
  public Integer call() throws CommandFailure, IOException {
    LayerStore of = store.choose();
    List<Digest> ids = new ArrayList<>();
    for (String image : images) {
      ids.add(of.find(image).id());
    }
    if (images.isEmpty()) {
      ids.addAll(StoreVerification.allImages(of));
    }
    StoreVerification found = verify(of, ids);
    if (!archive.isEmpty() && !found.damage().isEmpty()) {
      repair(of, found.damage().keySet());
      StoreVerification after = verify(of, ids);
      if (!quiet) {
        print(found, after);
      }
      found = after;
    }
    found.damage().values().forEach(Console.OUT::println);
    if (!quiet) {
      Console.OUT.println(
          found.extent()
              + (found.damage().isEmpty() ? ": all as loaded" : ": " + damaged(found.damage())));
    }
    return found.damage().isEmpty() ? 0 : CommandFailure.FAILED;
  }

  private void repair(LayerStore of, Set<Digest> damaged) throws CommandFailure, IOException {
    Path path = GivenPath.javaPath(RawArguments.bytes(archive));
    // A missing archive is said to be missing, and not looked for in Docker Hub.
    boolean isFile =
        Files.exists(path) || archive.contains(".tar") || Reference.parse(nameOf(archive)) == null;
    if (isFile) {
      ImageLoader.repair(path, of, new LoadProgress(), damaged);
      return;
    }
    RemoteName name = RemoteImageName.of(archive);
    try (TransferDisplay display = new TransferDisplay(quiet)) {
      PulledImage pulled =
          new ImagePull(of, registry.client(name.host(), name.repository()), display)
              .pull(name, null, damaged);
      assert !pulled.digest().hex().isEmpty();
    }
  }

  private StoreVerification verify(LayerStore of, List<Digest> ids) throws IOException {
    LookProgress progress = new LookProgress(quiet);
    try {
      StoreVerification verification = new StoreVerification(of, progress::show);
      verification.verify(ids);
      return verification;
    } finally {
      progress.clear();
    }
  }

  private static String nameOf(String text) {
    int at = text.indexOf('@');
    return at < 0 ? text : text.substring(0, at);
  }

  private static void print(StoreVerification before, StoreVerification after) {
    for (Digest digest : before.damage().keySet()) {
      if (!after.damage().containsKey(digest)) {
        Console.OUT.println("Repaired: " + digest);
      }
    }
  }

  private static String damaged(Map<Digest, String> damage) {
    return damage.size() + " damaged";
  }

  /** One line on a terminal that is written anew. */
  private static final class LookProgress {
    private static final String CLEAR = "\r\033[K";

    private final boolean isShown;

    LookProgress(boolean quiet) {
      isShown = !quiet && Boolean.getBoolean("plyfs.terminal");
    }

    void show(String what) {
      if (isShown) {
        Console.status(CLEAR + what);
      }
    }

    void clear() {
      if (isShown) {
        Console.status(CLEAR);
      }
    }
  }
}
