package plyfs.image;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** Runs a program of the system. */
final class TestCommand {
  private TestCommand() {}

  /** Skips the test where a program is not installed. */
  static void require(String program) {
    boolean found =
        List.of("/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/").stream()
            .anyMatch(directory -> Files.isExecutable(Path.of(directory + program)));
    Assumptions.assumeTrue(found, "skipped: " + program + " is not installed");
  }

  /** Runs it to its end, which must be good; what it printed. */
  static String run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    int code = process.waitFor();
    if (code != 0) {
      throw new IOException(String.join(" ", command) + " ended with " + code + ": " + output);
    }
    return output;
  }
}
