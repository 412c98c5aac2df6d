package plyfs.cli.container;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
import plyfs.cli.format.Struct;
import plyfs.cli.format.Template;
import plyfs.cli.format.UsageException;
import plyfs.container.Volumes;

/** Shows all that is known of volumes. */
@Command(
    name = "inspect",
    header = "Show all that is known of volumes, as JSON.",
    description = {
      "Exit codes: 0 done; 1 a volume was not found, all others are shown; 2 wrong usage.",
      ""
    })
final class VolumeInspectCommand implements Callable<Integer> {
  private static final Gson JSON =
      new GsonBuilder().disableHtmlEscaping().serializeNulls().create();

  @Mixin private StoreOption store = new StoreOption();

  @Option(
      names = {"-f", "--format"},
      paramLabel = "FORMAT",
      description = "'json', or a Go template such as '{{.Mountpoint}}'.")
  private String format = "";

  @Option(names = "--json", description = "Print one JSON object a line.")
  private boolean json;

  @Parameters(arity = "1..*", paramLabel = "VOLUME", description = "Names of volumes.")
  private List<String> names = List.of();

  @Override
  public Integer call() throws CommandFailure, UsageException {
    FormatChoice.check(format, json, false);
    boolean isTemplate = !format.isEmpty() && !format.equals("json");
    Template template = isTemplate ? Template.parse(format) : null;
    Volumes volumes = new Volumes(store.choose());
    JsonArray found = new JsonArray();
    List<String> failures = new ArrayList<>();
    for (String name : names) {
      try {
        JsonObject volume = VolumeRow.inspected(volumes.find(name));
        if (template != null) {
          Console.OUT.println(template.apply(struct(volume)));
        } else if (json) {
          Console.OUT.println(JSON.toJson(volume));
        } else {
          found.add(volume);
        }
      } catch (IOException e) {
        failures.add(FailureText.of(e));
      }
    }
    if (template == null && !json) {
      Console.OUT.println(format.isEmpty() ? indented(found) : JSON.toJson(found));
    }
    Console.OUT.flush();
    failures.forEach(Console::complain);
    return failures.isEmpty() ? 0 : CommandFailure.FAILED;
  }

  private static Struct struct(JsonObject volume) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    volume.asMap().forEach((name, value) -> fields.put(name, Template.valueOf(value)));
    return Struct.of(fields);
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
