package plyfs.contract;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** strace(1), which slows down or fails system calls of another process until it is closed. */
final class Strace implements AutoCloseable {
  private final Process process;

  private Strace(Process process) {
    this.process = process;
  }

  /**
   * Attaches to all threads of a process, or skips the test where that cannot be.
   *
   * @param fault as after {@code inject=}
   */
  static Strace attach(long pid, String fault) throws IOException, InterruptedException {
    Assumptions.assumeTrue(Files.isExecutable(Path.of("/usr/bin/strace")), "needs strace");
    Process process =
        new ProcessBuilder(
                "strace", "-f", "-qq", "-o", "/dev/null", "-e", "inject=" + fault, "-p", "" + pid)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    Strace strace = new Strace(process);
    while (!isTracedWholly(pid)) {
      if (!process.isAlive()) {
        Assumptions.abort("needs strace that may attach");
      }
      Thread.onSpinWait();
    }
    return strace;
  }

  private static boolean isTracedWholly(long pid) throws IOException {
    List<Path> threads;
    try (Stream<Path> tasks = Files.list(Path.of("/proc", "" + pid, "task"))) {
      threads = tasks.toList();
    }
    for (Path thread : threads) {
      if (Files.readString(thread.resolve("status")).contains("\nTracerPid:\t0\n")) {
        return false;
      }
    }
    return true;
  }

  /** Detaches. */
  @Override
  public void close() throws IOException {
    process.destroy();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
