package plyfs.differential;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.List;

/**
 * Plyfs in a process of its own, which serves one mount after the other: a JVM that is started anew
 * for each of them would spend most of the time on warming up. Assertions are on in it, so the
 * order of locks is checked.
 *
 * <p>It has to be another process: who waits in a page fault for a daemon in the same JVM stops its
 * garbage collector, and so the daemon.
 */
public final class PlyfsProcess implements AutoCloseable {
  private final Process process;
  private final BufferedReader answers;

  /**
   * Starts it; nothing is mounted yet.
   *
   * @param javaOptions options of that JVM, besides the usual ones
   */
  public PlyfsProcess(String... javaOptions) throws IOException {
    List<String> words =
        new ArrayList<>(
            List.of(
                System.getProperty("java.home") + "/bin/java",
                "-ea",
                "-Xmx256m",
                "-Xss512k",
                "-XX:+UseSerialGC",
                "-XX:-UsePerfData",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                "target/test-classes:target/classes:target/lib/*"));
    words.addAll(List.of(javaOptions));
    words.add(PlyfsServer.class.getName());
    process = new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    answers = new BufferedReader(new InputStreamReader(process.getInputStream(), ISO_8859_1));
  }

  /** Its process id. */
  public long pid() {
    return process.pid();
  }

  /** Mounts; the mount can be used on return. */
  public void mount(String options, String mountPoint) throws IOException {
    ask("mount " + mountPoint + " " + options);
  }

  /** Unmounts; the layers are closed on return. */
  public void unmount(String mountPoint) throws IOException {
    ask("umount " + mountPoint);
  }

  /** How many nodes a mount refers to. */
  public int nodes(String mountPoint) throws IOException {
    return Integer.parseInt(answer("nodes " + mountPoint));
  }

  private void ask(String request) throws IOException {
    String answer = answer(request);
    if (!answer.equals("ok")) {
      throw new IOException(request + ": " + answer);
    }
  }

  private String answer(String request) throws IOException {
    process.getOutputStream().write(Bytes.of(request + "\n"));
    process.getOutputStream().flush();
    String answer = answers.readLine();
    if (answer == null) {
      throw new IOException("the process of the daemon has ended at: " + request);
    }
    return answer;
  }

  @Override
  public void close() throws IOException {
    process.getOutputStream().close();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    } finally {
      answers.close();
    }
  }
}
