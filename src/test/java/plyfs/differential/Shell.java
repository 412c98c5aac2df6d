package plyfs.differential;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;

/**
 * Another process that does one command after the other. Of user 1, who is in group 2 too, or of
 * user 2, who is in group 1 too, or of root without capabilities over what belongs to others.
 */
final class Shell implements AutoCloseable {
  private static final String END = "= ";

  private final Process process;
  private final BufferedReader answers;

  Shell(int user) throws IOException {
    List<String> command =
        user == 0
            ? List.of("setpriv", "--bounding-set=-fsetid,-dac_override", "--", "sh")
            : List.of(
                "setpriv",
                "--reuid=" + user,
                "--regid=" + user,
                "--groups=" + (3 - user),
                "--",
                "sh");
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("LC_ALL", "C");
    process = builder.start();
    answers = new BufferedReader(new InputStreamReader(process.getInputStream(), ISO_8859_1));
    run("umask 022");
  }

  /** What a command printed, and its exit code. It runs in a subshell. */
  String run(String command) throws IOException {
    process.getOutputStream().write(Bytes.of("(" + command + "); echo \"" + END + "$?\"\n"));
    process.getOutputStream().flush();
    List<String> lines = new ArrayList<>();
    do {
      String line = answers.readLine();
      if (line == null) {
        throw new IOException("the shell has ended at: " + command);
      }
      lines.add(line);
    } while (!lines.get(lines.size() - 1).startsWith(END));
    return String.join("\n", lines);
  }

  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
    answers.close();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
