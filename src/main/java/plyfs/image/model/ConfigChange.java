package plyfs.image.model;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Changes how containers of an image are run, by those instructions of a Dockerfile that {@code
 * docker commit --change} takes.
 *
 * @implNote Dockerfile reference; moby, builder/dockerfile/dispatchers.go
 */
final class ConfigChange {
  private static final String KNOWN =
      "CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME and WORKDIR";

  private final JsonObject config;
  private boolean isCommandSet;

  ConfigChange(JsonObject config) {
    this.config = config;
  }

  void apply(String instruction) throws BadImageException {
    String text = instruction.strip();
    int end = 0;
    while (end < text.length() && !Character.isWhitespace(text.charAt(end))) {
      end++;
    }
    String word = text.substring(0, end).toUpperCase(Locale.ROOT);
    String rest = text.substring(end).strip();
    boolean mayBeEmpty = word.equals("CMD") || word.equals("ENTRYPOINT");
    if (rest.isEmpty() && !mayBeEmpty) {
      throw refused(instruction, "it has no argument");
    }
    switch (word) {
      case "CMD" -> {
        command("Cmd", rest);
        isCommandSet = true;
      }
      case "ENTRYPOINT" -> {
        command("Entrypoint", rest);
        if (!isCommandSet) {
          config.add("Cmd", JsonNull.INSTANCE);
        }
      }
      case "ENV" -> pairs(rest, instruction).forEach(this::setVariable);
      case "EXPOSE" -> expose(rest, instruction);
      case "LABEL" -> {
        JsonObject labels = ConfigDraft.child(config, "Labels");
        pairs(rest, instruction).forEach(labels::addProperty);
      }
      case "ONBUILD" -> onBuild(rest, instruction);
      case "STOPSIGNAL" -> config.addProperty("StopSignal", one(rest, instruction));
      case "USER" -> config.addProperty("User", one(rest, instruction));
      case "VOLUME" -> {
        JsonObject volumes = ConfigDraft.child(config, "Volumes");
        for (String each : list(rest, instruction)) {
          volumes.add(each, new JsonObject());
        }
      }
      case "WORKDIR" -> workingDirectory(one(rest, instruction));
      default -> throw refused(instruction, "only " + KNOWN + " can be changed");
    }
  }

  private static BadImageException refused(String instruction, String why) {
    return new BadImageException("cannot follow the instruction '" + instruction + "': " + why);
  }

  /** A command in JSON as it is, and any other by the shell. */
  private void command(String key, String rest) throws BadImageException {
    JsonArray words = json(rest);
    if (words == null) {
      words = new JsonArray();
      if (!rest.isEmpty()) {
        words.addAll(shell());
        words.add(rest);
      }
    }
    config.add(key, words.isEmpty() ? JsonNull.INSTANCE : words);
  }

  private JsonArray shell() {
    JsonElement shell = config.get("Shell");
    if (shell != null && shell.isJsonArray() && !shell.getAsJsonArray().isEmpty()) {
      return shell.getAsJsonArray().deepCopy();
    }
    JsonArray words = new JsonArray();
    words.add("/bin/sh");
    words.add("-c");
    return words;
  }

  /** A JSON array of texts; null if it is anything else. */
  private static @Nullable JsonArray json(String text) {
    if (!text.startsWith("[")) {
      return null;
    }
    try {
      JsonElement parsed = JsonParser.parseString(text);
      boolean isList = parsed.isJsonArray();
      for (JsonElement each : isList ? parsed.getAsJsonArray() : new JsonArray()) {
        isList &= each.isJsonPrimitive() && each.getAsJsonPrimitive().isString();
      }
      // The parser is lenient, and Docker is not: a word without quotes makes a command of a shell.
      boolean isQuoted = text.replaceAll("\"(?:[^\"\\\\]|\\\\.)*\"", "").matches("[\\[\\],\\s]*");
      return isList && isQuoted ? parsed.getAsJsonArray() : null;
    } catch (JsonParseException e) {
      return null;
    }
  }

  private void setVariable(String name, String value) {
    JsonElement all = config.get("Env");
    JsonArray changed = new JsonArray();
    boolean isSet = false;
    if (all != null && all.isJsonArray()) {
      for (JsonElement each : all.getAsJsonArray()) {
        boolean same = each.getAsString().startsWith(name + "=");
        if (same && !isSet) {
          changed.add(name + "=" + value);
        } else if (!same) {
          changed.add(each);
        }
        isSet |= same;
      }
    }
    if (!isSet) {
      changed.add(name + "=" + value);
    }
    config.add("Env", changed);
  }

  /** The variables of the image, for what stands for them in an instruction. */
  private Map<String, String> variables() {
    Map<String, String> variables = new LinkedHashMap<>();
    JsonElement all = config.get("Env");
    if (all != null && all.isJsonArray()) {
      for (JsonElement each : all.getAsJsonArray()) {
        String text = each.getAsString();
        int equals = text.indexOf('=');
        variables.put(
            equals < 0 ? text : text.substring(0, equals),
            equals < 0 ? "" : text.substring(equals + 1));
      }
    }
    return variables;
  }

  private UnaryOperator<String> lookup() {
    Map<String, String> variables = variables();
    return name -> variables.getOrDefault(name, "");
  }

  private String one(String rest, String instruction) throws BadImageException {
    return Words.expand(rest, lookup(), instruction);
  }

  private List<String> words(String rest, String instruction) throws BadImageException {
    List<String> words = new ArrayList<>();
    for (String each : Words.split(rest, instruction)) {
      words.add(Words.expand(each, lookup(), instruction));
    }
    return words;
  }

  private List<String> list(String rest, String instruction) throws BadImageException {
    JsonArray array = json(rest);
    if (array == null) {
      return words(rest, instruction);
    }
    List<String> words = new ArrayList<>();
    for (JsonElement each : array) {
      words.add(Words.expand(each.getAsString(), lookup(), instruction));
    }
    return words;
  }

  /** {@code KEY=VALUE...}, or the old form {@code KEY all the rest}. */
  private Map<String, String> pairs(String rest, String instruction) throws BadImageException {
    Map<String, String> pairs = new LinkedHashMap<>();
    List<String> words = Words.split(rest, instruction);
    if (words.get(0).indexOf('=') < 0) {
      int end = words.get(0).length();
      String value = rest.substring(end).strip();
      if (value.isEmpty()) {
        throw refused(instruction, "'" + words.get(0) + "' has no value: use KEY=VALUE");
      }
      pairs.put(
          Words.expand(words.get(0), lookup(), instruction),
          Words.expand(value, lookup(), instruction));
      return pairs;
    }
    for (String word : words) {
      int equals = word.indexOf('=');
      if (equals <= 0) {
        throw refused(instruction, "'" + word + "' is not KEY=VALUE");
      }
      pairs.put(
          Words.expand(word.substring(0, equals), lookup(), instruction),
          Words.expand(word.substring(equals + 1), lookup(), instruction));
    }
    return pairs;
  }

  private void expose(String rest, String instruction) throws BadImageException {
    JsonObject ports = ConfigDraft.child(config, "ExposedPorts");
    for (String word : words(rest, instruction)) {
      int slash = word.indexOf('/');
      String protocol = slash < 0 ? "tcp" : word.substring(slash + 1).toLowerCase(Locale.ROOT);
      String range = slash < 0 ? word : word.substring(0, slash);
      int dash = range.indexOf('-');
      int first = port(dash < 0 ? range : range.substring(0, dash), word, instruction);
      int last = dash < 0 ? first : port(range.substring(dash + 1), word, instruction);
      if (last < first || !List.of("tcp", "udp", "sctp").contains(protocol)) {
        throw refused(instruction, "'" + word + "' is not PORT[-PORT][/tcp|/udp|/sctp]");
      }
      for (int port = first; port <= last; port++) {
        ports.add(port + "/" + protocol, new JsonObject());
      }
    }
  }

  private static int port(String text, String word, String instruction) throws BadImageException {
    if (text.matches("[0-9]{1,5}") && Integer.parseInt(text) <= 65535) {
      return Integer.parseInt(text);
    }
    throw refused(instruction, "'" + word + "' is not PORT[-PORT][/tcp|/udp|/sctp]");
  }

  private void onBuild(String rest, String instruction) throws BadImageException {
    String first = rest.split("\\s", 2)[0].toUpperCase(Locale.ROOT);
    if (List.of("ONBUILD", "FROM", "MAINTAINER").contains(first)) {
      throw refused(instruction, first + " is not allowed after ONBUILD");
    }
    JsonElement all = config.get("OnBuild");
    JsonArray triggers = all != null && all.isJsonArray() ? all.getAsJsonArray() : new JsonArray();
    triggers.add(rest);
    config.add("OnBuild", triggers);
  }

  private void workingDirectory(String path) {
    JsonElement old = config.get("WorkingDir");
    String base = old != null && old.isJsonPrimitive() ? old.getAsString() : "";
    String joined = path.startsWith("/") ? path : (base.isEmpty() ? "/" : base + "/") + path;
    config.addProperty("WorkingDir", Path.of(joined).normalize().toString());
  }
}
