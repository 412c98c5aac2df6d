package plyfs.cli.image;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringWriter;
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
import plyfs.cli.FormatChoice;
import plyfs.cli.StoreOption;
import plyfs.cli.format.Template;
import plyfs.cli.format.UsageException;
import plyfs.image.store.LayerStore;

/** Shows all that is known of images. */
@Command(
    name = "inspect",
    header = "Show all that is known of images, as JSON.",
    description = {
      "An array with one object for each image, as 'docker inspect' prints it: names, size, the"
          + " directories of the layers (GraphDriver), their digests (RootFS), and how the image is"
          + " run (Config, as its configuration has it).",
      "",
      "Exit codes: 0 done; 1 an image was not found, all others are shown; 2 wrong usage.",
      ""
    })
final class InspectCommand implements Callable<Integer> {
  private static final Gson JSON =
      new GsonBuilder().disableHtmlEscaping().serializeNulls().create();
  private static final String IMAGE = "image";

  @Option(
      names = {"-f", "--format"},
      paramLabel = "FORMAT",
      description = "'json', or a Go template such as '{{.Config.Env}}'.")
  private String format = "";

  @Option(names = "--json", description = "Print one JSON object a line.")
  private boolean json;

  @Option(
      names = {"-s", "--size"},
      description = "Changes nothing for an image, whose size is always shown; says so.")
  private boolean size;

  @Mixin private StoreOption store = new StoreOption();

  @Option(names = "--type", paramLabel = "TYPE", description = "Only objects of this type: image.")
  private String type = IMAGE;

  @Parameters(arity = "1..*", paramLabel = "IMAGE", description = "Images of the store.")
  private List<String> names = List.of();

  private final List<String> failures = new ArrayList<>();

  @Override
  public Integer call() throws CommandFailure, UsageException {
    FormatChoice.check(format, json, false);
    if (!type.equals(IMAGE)) {
      throw new CommandFailure(
          CommandFailure.USAGE, "there is no type '" + type + "': the only one is " + IMAGE);
    }
    boolean isTemplate = !format.isEmpty() && !format.equals("json");
    Template template = isTemplate ? Template.parse(format) : null;
    if (size) {
      Console.complain("option '--size' changes nothing for an image: its size is always shown");
    }
    LayerStore images = store.choose();
    JsonArray found = new JsonArray();
    for (String name : names) {
      JsonObject image = inspect(images, name);
      if (image != null && template != null) {
        Console.OUT.println(template.apply(InspectedImage.forTemplates(image)));
      } else if (image != null && json) {
        Console.OUT.println(JSON.toJson(image));
      } else if (image != null) {
        found.add(image);
      }
    }
    if (template == null && !json) {
      Console.OUT.println(format.isEmpty() ? indented(found) : JSON.toJson(found));
    }
    Console.OUT.flush();
    failures.forEach(Console::complain);
    return failures.isEmpty() ? 0 : CommandFailure.FAILED;
  }

  /** An image; null if there is none, which is told after the others. */
  private @Nullable JsonObject inspect(LayerStore images, String name) {
    try {
      return InspectedImage.of(images, images.find(name));
    } catch (IOException e) {
      failures.add(FailureText.of(e));
      return null;
    }
  }

  /** By four blanks, as Docker does. */
  private static String indented(JsonArray array) {
    StringWriter text = new StringWriter();
    JsonWriter writer = new JsonWriter(text);
    writer.setIndent("    ");
    writer.setHtmlSafe(false);
    JSON.toJson(array, writer);
    return text.toString();
  }
}
