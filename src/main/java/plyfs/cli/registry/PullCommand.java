package plyfs.cli.registry;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import plyfs.cli.CommandFailure;
import plyfs.cli.Console;
import plyfs.cli.FailureText;
import plyfs.cli.LoadChoice;
import plyfs.cli.RegistryOptions;
import plyfs.cli.RemoteImageName;
import plyfs.cli.StoreOption;
import plyfs.cli.TransferDisplay;
import plyfs.image.load.LoadOptions;
import plyfs.image.model.Platform;
import plyfs.image.registry.RegistryClient;
import plyfs.image.store.LayerStore;
import plyfs.image.transfer.ImagePull;
import plyfs.image.transfer.PulledImage;
import plyfs.image.transfer.RemoteName;

/** Brings images from a registry into the store. */
@Command(
    name = "pull",
    header = "Bring an image from a registry into the store.",
    description = {
      "Layers that the store has are not fetched. A pull that is ended goes on where it was when it"
          + " is started again. Manifest, configuration and layers are kept as they come, so 'plyfs"
          + " push' gives them on with the same digests."
    })
final class PullCommand implements Callable<Integer> {
  @Option(
      names = {"-a", "--all-tags"},
      description = "Pull all tags of the repository.")
  private boolean all;

  @Option(
      names = "--platform",
      paramLabel = "OS[/ARCH[/VARIANT]]",
      description = "Pull the image for this platform (default: this machine's).")
  private String platform = "";

  @Option(
      names = {"-q", "--quiet"},
      description = "Show no progress and no notices, only the name of the image.")
  private boolean quiet;

  @Mixin private LoadChoice choice = new LoadChoice();
  @Mixin private RegistryOptions registry = new RegistryOptions();
  @Mixin private StoreOption store = new StoreOption();

  @Parameters(
      paramLabel = "NAME[:TAG|@DIGEST]",
      description = "The image; without a registry it is Docker Hub's, without a tag 'latest'.")
  private String text = "";

  private LoadOptions options = LoadOptions.DEFAULT;

  @Override
  public Integer call() throws CommandFailure, IOException {
    RemoteName name = RemoteImageName.of(text);
    Platform wanted = platform();
    options = choice.options();
    LayerStore into = store.choose();
    RegistryClient client = registry.client(name.host(), name.repository());
    if (!all) {
      if (!name.hasTag() && name.digest() == null && !quiet) {
        Console.OUT.println("Using default tag: latest");
      }
      pull(name, wanted, into, client);
      Console.OUT.println(name.full());
      return 0;
    }
    if (name.hasTag() || name.digest() != null) {
      throw new CommandFailure(
          CommandFailure.USAGE, "a tag cannot be given together with --all-tags");
    }
    return pullAll(name, wanted, into, client);
  }

  private int pullAll(
      RemoteName name, @Nullable Platform wanted, LayerStore into, RegistryClient client)
      throws IOException {
    List<String> failures = new ArrayList<>();
    for (String tag : client.tags(name.repository(), Integer.MAX_VALUE)) {
      try {
        pull(RemoteImageName.of(name.name().familiarName() + ":" + tag), wanted, into, client);
      } catch (CommandFailure | IOException e) {
        failures.add(tag + ": " + FailureText.of(e));
      }
    }
    Console.OUT.println(name.name().domain() + "/" + name.repository());
    Console.OUT.flush();
    failures.forEach(Console::complain);
    return failures.isEmpty() ? 0 : CommandFailure.FAILED;
  }

  private void pull(
      RemoteName name, @Nullable Platform wanted, LayerStore into, RegistryClient client)
      throws IOException {
    if (!quiet) {
      Console.OUT.println(name.reference() + ": Pulling from " + name.repository());
      Console.OUT.flush();
    }
    PulledImage pulled;
    try (TransferDisplay display = new TransferDisplay(quiet)) {
      pulled = new ImagePull(into, client, display).pull(name, wanted, options);
    }
    if (!quiet) {
      Console.OUT.println("Digest: " + pulled.digest());
      Console.OUT.println(
          (pulled.isNew()
                  ? "Status: Downloaded newer image for "
                  : "Status: Image is up to date for ")
              + name);
    }
  }

  private @Nullable Platform platform() throws CommandFailure {
    if (platform.isEmpty()) {
      return null;
    }
    Platform parsed = Platform.parse(platform);
    if (parsed == null) {
      throw new CommandFailure(
          CommandFailure.USAGE,
          "--platform '"
              + platform
              + "' is no platform: use OS/ARCH or OS/ARCH/VARIANT, such as"
              + " linux/arm64/v8");
    }
    return parsed;
  }
}
