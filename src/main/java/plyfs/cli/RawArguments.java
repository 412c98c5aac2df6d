package plyfs.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The arguments of the command as raw bytes. Java decodes the arguments of {@code main(String[])}
 * and loses bytes that are invalid in the locale's encoding, so only their number is used.
 *
 * <p>Where a text is needed, as for picocli, one character stands for each byte.
 */
public final class RawArguments {
  private static final Path CMDLINE = Path.of("/proc/self/cmdline");

  private RawArguments() {}

  /** The last {@code count} arguments of this process. */
  public static List<byte[]> ofThisProcess(int count) throws IOException {
    return last(Files.readAllBytes(CMDLINE), count);
  }

  /**
   * The last arguments of a command line.
   *
   * @param commandLine {@code [argument NUL]...}
   * @throws IOException there are fewer arguments
   */
  public static List<byte[]> last(byte[] commandLine, int count) throws IOException {
    List<byte[]> all = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < commandLine.length; i++) {
      if (commandLine[i] == 0) {
        all.add(Arrays.copyOfRange(commandLine, start, i));
        start = i + 1;
      }
    }
    if (all.size() < count) {
      throw new IOException("cannot read the arguments in " + CMDLINE);
    }
    return all.subList(all.size() - count, all.size());
  }

  /** One character for each byte. */
  public static String text(byte[] argument) {
    return new String(argument, ISO_8859_1);
  }

  /** The bytes of such a text. */
  public static byte[] bytes(String text) {
    return text.getBytes(ISO_8859_1);
  }

  public static String[] texts(List<byte[]> arguments) {
    String[] texts = new String[arguments.size()];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = text(arguments.get(i));
    }
    return texts;
  }
}
