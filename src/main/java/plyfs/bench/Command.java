package plyfs.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs other programs, never in a timed part. */
final class Command {
  private Command() {}

  /** Finds a program in PATH, /usr/sbin or /sbin; null if it does not exist. */
  static @Nullable Path find(String program) {
    String path = System.getenv("PATH");
    String all = (path == null ? "" : path + ":") + "/usr/sbin:/sbin";
    return Arrays.stream(all.split(":", -1))
        .filter(directory -> !directory.isEmpty())
        .map(directory -> Path.of(directory, program))
        .filter(Files::isExecutable)
        .findFirst()
        .orElse(null);
  }

  /**
   * Runs a program to its end.
   *
   * @return its output
   * @throws IOException it could not be started or failed; the message contains its output
   */
  static String run(List<String> words) throws IOException {
    // A file instead of a pipe, because a daemon may keep its standard error open.
    Path output = Files.createTempFile("plyfs-bench", ".out");
    try {
      Process process =
          new ProcessBuilder(words)
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .start();
      int code = await(process);
      String text = new String(Files.readAllBytes(output), UTF_8).strip();
      if (code != 0) {
        throw new IOException(
            words.get(0) + " failed: " + (text.isEmpty() ? "exit code " + code : oneLine(text)));
      }
      return text;
    } finally {
      Files.delete(output);
    }
  }

  static int await(Process process) throws IOException {
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw (IOException) new InterruptedIOException("interrupted").initCause(e);
    }
  }

  private static String oneLine(String text) {
    return String.join("; ", text.lines().map(String::strip).filter(l -> !l.isEmpty()).toList());
  }
}
