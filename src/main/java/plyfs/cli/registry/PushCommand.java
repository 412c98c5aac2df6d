package plyfs.cli.registry;

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
import plyfs.cli.RegistryOptions;
import plyfs.cli.RemoteImageName;
import plyfs.cli.StoreOption;
import plyfs.cli.TransferDisplay;
import plyfs.image.model.Reference;
import plyfs.image.registry.RegistryClient;
import plyfs.image.store.LayerStore;
import plyfs.image.store.StoredImage;
import plyfs.image.transfer.ImagePush;
import plyfs.image.transfer.RemoteName;

/** Sends images of the store to a registry. */
@Command(
    name = "push",
    header = "Send an image of the store to a registry.",
    description = {
      "What the registry has is not sent. An image that came with compressed layers goes with the"
          + " same ones, and the same digests; layers that came without compression are compressed"
          + " with gzip. 'plyfs tag' gives an image the name that says where it goes."
    })
final class PushCommand implements Callable<Integer> {
  @Option(
      names = {"-a", "--all-tags"},
      description = "Push all tags that the store has of the repository.")
  private boolean all;

  @Option(
      names = {"-q", "--quiet"},
      description = "Show no progress and no notices, only the name of the image.")
  private boolean quiet;

  @Mixin private RegistryOptions registry = new RegistryOptions();
  @Mixin private StoreOption store = new StoreOption();

  @Parameters(
      paramLabel = "IMAGE[:TAG]",
      description = "The image, and where it goes; without a tag 'latest'.")
  private String text = "";

  @Override
  public Integer call() throws CommandFailure, IOException {
    RemoteName name = RemoteImageName.of(text);
    if (name.digest() != null) {
      throw new CommandFailure(
          CommandFailure.USAGE, "an image is pushed by a tag, not by a digest: leave @DIGEST out");
    }
    if (all && name.hasTag()) {
      throw new CommandFailure(
          CommandFailure.USAGE, "a tag cannot be given together with --all-tags");
    }
    LayerStore from = store.choose();
    RegistryClient client = registry.client(name.host(), name.repository());
    List<Reference> names = all ? tagsOf(from, name.name()) : List.of(name.name());
    if (!quiet) {
      if (!all && !name.hasTag()) {
        Console.OUT.println("Using default tag: latest");
      }
      Console.OUT.println(
          "The push refers to repository [" + name.name().domain() + "/" + name.repository() + "]");
      Console.OUT.flush();
    }
    for (Reference each : names) {
      push(each, from, client);
    }
    if (quiet) {
      Console.OUT.println(all ? name.name().domain() + "/" + name.repository() : name.full());
    }
    return 0;
  }

  private void push(Reference name, LayerStore from, RegistryClient client) throws IOException {
    ImagePush.PushedImage pushed;
    try (TransferDisplay display = new TransferDisplay(quiet)) {
      pushed = new ImagePush(from, client, display).push(name);
    }
    if (!quiet) {
      Console.OUT.println(name.tag() + ": digest: " + pushed.digest() + " size: " + pushed.size());
      Console.OUT.flush();
    }
  }

  private static List<Reference> tagsOf(LayerStore store, Reference name)
      throws CommandFailure, IOException {
    List<Reference> tags = new ArrayList<>();
    for (StoredImage image : store.images()) {
      for (String text : image.tags()) {
        Reference tag = Reference.parse(text);
        if (tag != null && tag.familiarName().equals(name.familiarName())) {
          tags.add(tag);
        }
      }
    }
    if (tags.isEmpty()) {
      throw new CommandFailure(
          "there is no image '" + name.familiarName() + "' in the store " + store.root());
    }
    return tags;
  }
}
