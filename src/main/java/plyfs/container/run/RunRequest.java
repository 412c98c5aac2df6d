package plyfs.container.run;

import com.google.common.base.Splitter;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import plyfs.container.BadArgumentException;
import plyfs.container.RunSettings;

/**
 * What was asked for on the command line, which counts more than what the image says.
 *
 * @param command replaces the image's Cmd; empty to keep it
 * @param entrypoint replaces the image's Entrypoint and Cmd; null to keep them, empty for none
 * @param environment {@code NAME=VALUE} each
 * @param workingDirectory empty for the image's
 * @param user empty for the image's
 * @param hostname empty for the ID of the container
 */
public record RunRequest(
    List<String> command,
    @Nullable String entrypoint,
    List<String> environment,
    String workingDirectory,
    String user,
    String hostname,
    boolean isReadOnly,
    boolean isTerminal,
    String network) {
  /** Docker's, for images that set none. */
  public static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  /**
   * Joins it with the image's configuration.
   *
   * @param config the field {@code config}
   */
  public RunSettings with(JsonObject config) throws BadArgumentException {
    List<String> words = new ArrayList<>();
    if (entrypoint == null) {
      words.addAll(strings(config, "Entrypoint"));
      words.addAll(command.isEmpty() ? strings(config, "Cmd") : command);
    } else {
      if (!entrypoint.isEmpty()) {
        words.add(entrypoint);
      }
      words.addAll(command);
    }
    if (words.isEmpty()) {
      throw new BadArgumentException("no command specified, and the image has none");
    }
    Map<String, String> variables = new LinkedHashMap<>();
    variables.put("PATH", PATH);
    if (isTerminal) {
      variables.put("TERM", "xterm");
    }
    add(variables, strings(config, "Env"));
    add(variables, environment);
    List<String> all = new ArrayList<>();
    variables.forEach((name, value) -> all.add(name + "=" + value));
    String directory = workingDirectory.isEmpty() ? text(config, "WorkingDir") : workingDirectory;
    if (directory.isEmpty()) {
      directory = "/";
    }
    if (!directory.startsWith("/")) {
      throw new BadArgumentException(
          "the working directory '" + directory + "' is invalid, it needs to be an absolute path");
    }
    return new RunSettings(
        words,
        all,
        directory,
        user.isEmpty() ? text(config, "User") : user,
        hostname,
        isReadOnly,
        isTerminal,
        network);
  }

  /** The places for which the image asks for volumes. */
  public static List<String> volumes(JsonObject config) {
    JsonElement volumes = config.get("Volumes");
    return volumes != null && volumes.isJsonObject()
        ? List.copyOf(volumes.getAsJsonObject().keySet())
        : List.of();
  }

  private static void add(Map<String, String> variables, List<String> given) {
    for (String each : given) {
      List<String> parts = Splitter.on('=').limit(2).splitToList(each);
      variables.put(parts.get(0), parts.size() > 1 ? parts.get(1) : "");
    }
  }

  private static String text(JsonObject from, String name) {
    JsonElement value = from.get(name);
    return value != null && value.isJsonPrimitive() ? value.getAsString() : "";
  }

  private static List<String> strings(JsonObject from, String name) {
    List<String> texts = new ArrayList<>();
    JsonElement value = from.get(name);
    if (value != null && value.isJsonArray()) {
      value.getAsJsonArray().forEach(each -> texts.add(each.getAsString()));
    }
    return texts;
  }
}
