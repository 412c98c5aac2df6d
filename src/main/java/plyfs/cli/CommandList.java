package plyfs.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.google.common.base.Ascii;
import com.google.common.base.Splitter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;

/**
 * The commands, in the order of the help text: the lines of the file {@code plyfs/commands}, which
 * the launcher also reads. {@code load} is the class {@code LoadCommand}.
 */
final class CommandList {
  private static final String FILE = "/plyfs/commands";

  private CommandList() {}

  /** Names of the commands. */
  static List<String> names() {
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

  /** The class of a command. */
  static Class<?> classOf(String name) {
    String first = Ascii.toUpperCase(name.substring(0, 1));
    String simple = first + name.substring(1) + "Command";
    try {
      return Class.forName(CommandList.class.getPackageName() + "." + simple);
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException("command " + name + " has no class " + simple, e);
    }
  }
}
