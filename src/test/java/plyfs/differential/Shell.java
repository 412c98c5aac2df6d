package plyfs.differential;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.List;

/** Another process, of user 1, that does one command after the other. */
final class Shell implements AutoCloseable {
  private final Process process;
  private final BufferedReader answers;

  Shell() throws IOException {
    process =
        new ProcessBuilder(
                List.of("setpriv", "--reuid=1", "--regid=1", "--clear-groups", "--", "sh"))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    answers = new BufferedReader(new InputStreamReader(process.getInputStream(), ISO_8859_1));
  }

  /** Appends to a regular file that exists; the exit code, or that there is none. */
  String append(String path, String text) throws IOException {
    String quoted = "'" + path + "'";
    String line = "if [ -f @ ]; then printf %s " + text + " >>@; echo $?; else echo no file; fi\n";
    process.getOutputStream().write(Bytes.of(line.replace("@", quoted)));
    process.getOutputStream().flush();
    String answer = answers.readLine();
    if (answer == null) {
      throw new IOException("the shell of user 1 has ended");
    }
    return answer;
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
