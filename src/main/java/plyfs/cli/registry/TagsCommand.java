package plyfs.cli.registry;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import plyfs.cli.CommandFailure;
import plyfs.cli.Console;
import plyfs.cli.RegistryOptions;
import plyfs.cli.RemoteImageName;
import plyfs.image.transfer.RemoteName;

/** Lists the tags of a repository. */
@Command(
    name = "tags",
    header = "List the tags that a registry has of a repository.",
    description = "One a line, in the order of the registry.")
final class TagsCommand implements Callable<Integer> {
  private static final Gson JSON = new GsonBuilder().disableHtmlEscaping().create();

  @Option(names = "--json", description = "Print one JSON object a line.")
  private boolean json;

  @Option(
      names = "--limit",
      paramLabel = "NUMBER",
      description = "List no more than this (default: all).")
  private int limit = Integer.MAX_VALUE;

  @Mixin private RegistryOptions registry = new RegistryOptions();

  @Parameters(paramLabel = "REPOSITORY", description = "Name of an image without a tag.")
  private String text = "";

  @Override
  public Integer call() throws CommandFailure, IOException {
    RemoteName name = RemoteImageName.of(text);
    if (name.hasTag() || name.digest() != null) {
      throw new CommandFailure(
          CommandFailure.USAGE, "the tags of a repository are listed: leave tag and digest out");
    }
    if (limit < 1) {
      throw new CommandFailure(CommandFailure.USAGE, "--limit must be 1 or more");
    }
    String repository = name.name().familiarName();
    for (String tag :
        registry.client(name.host(), name.repository()).tags(name.repository(), limit)) {
      if (json) {
        JsonObject line = new JsonObject();
        line.addProperty("repository", repository);
        line.addProperty("tag", tag);
        Console.OUT.println(JSON.toJson(line));
      } else {
        Console.OUT.println(Console.harmless(tag));
      }
    }
    return 0;
  }
}
