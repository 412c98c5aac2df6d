package plyfs.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.google.common.base.Ascii;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * The commands, in the order of the help text: the lines of the file {@code plyfs/commands}, which
 * the launcher also reads. {@code mount} is the class {@code plyfs.cli.MountCommand}, and {@code
 * image.load} is the command {@code load}, the class {@code plyfs.cli.image.LoadCommand}.
 */
final class CommandList {
  private static final String FILE = "/plyfs/commands";

  private CommandList() {}

  /** Names of the commands. */
  static List<String> names() {
    return classes().keySet().asList();
  }

  /** The class of a command. */
  static Class<?> classOf(String name) {
    String className = classes().get(name);
    if (className == null) {
      throw new IllegalArgumentException(name);
    }
    try {
      return Class.forName(className);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("command " + name + " has no class " + className, e);
    }
  }

  /** Names of the classes by the names of the commands. */
  private static ImmutableMap<String, String> classes() {
    ImmutableMap.Builder<String, String> classes = ImmutableMap.builder();
    for (String line : lines()) {
      int room = line.lastIndexOf('.') + 1;
      String name = line.substring(room);
      String simple = Ascii.toUpperCase(name.substring(0, 1)) + name.substring(1) + "Command";
      String within = CommandList.class.getPackageName() + "." + line.substring(0, room);
      classes.put(name, within + simple);
    }
    return classes.buildOrThrow();
  }

  private static List<String> lines() {
    try (InputStream file = CommandList.class.getResourceAsStream(FILE)) {
      if (file == null) {
        throw new IllegalStateException(FILE + " is not in the jar");
      }
      String text = new String(file.readAllBytes(), US_ASCII);
      return Splitter.on('\n').omitEmptyStrings().splitToList(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
