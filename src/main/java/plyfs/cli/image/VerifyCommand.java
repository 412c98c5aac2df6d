package plyfs.cli.image;

import java.io.IOException;
import java.util.ArrayList;
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
import plyfs.cli.RawArguments;
import plyfs.cli.StoreOption;
import plyfs.image.load.ImageLoader;
import plyfs.image.model.Digest;
import plyfs.image.store.LayerStore;
import plyfs.image.store.StoreVerification;

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
      paramLabel = "FILE|DIR",
      description =
          "Load this archive or layout, and replace what is damaged by what it has. A layer that a"
              + " mount uses cannot be replaced.")
  private String archive = "";

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
      ImageLoader.repair(
          GivenPath.javaPath(RawArguments.bytes(archive)),
          of,
          new LoadProgress(),
          found.damage().keySet());
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
