package plyfs.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** strace(1), attached to all threads of a process until it is ended. */
final class CallTrace implements AutoCloseable {
  private static final long PATIENCE_NANOS = 10_000_000_000L;

  private final Process strace;
  private final Path output;

  private CallTrace(Process strace, Path output) {
    this.strace = strace;
    this.output = output;
  }

  /** Why it cannot be used; null if it can. */
  static @Nullable String missing() {
    return Command.find("strace") == null
        ? "no strace in PATH: system calls are not counted, and methods are seen by the result"
            + " alone"
        : null;
  }

  /**
   * Attaches.
   *
   * @throws IOException it does not come to that, for lack of the right to trace or otherwise
   */
  static CallTrace of(int pid, Path directory) throws IOException {
    Path output = directory.resolve("strace.out");
    Process process =
        new ProcessBuilder(
                "strace", "-f", "-y", "-s", "64", "-o", output.toString(), "-p", "" + pid)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("strace.err").toFile())
            .start();
    CallTrace trace = new CallTrace(process, output);
    long giveUp = System.nanoTime() + PATIENCE_NANOS;
    while (!isTraced(pid)) {
      if (!process.isAlive() || System.nanoTime() > giveUp) {
        process.destroy();
        String said = Files.readString(directory.resolve("strace.err"), ISO_8859_1).strip();
        throw new IOException("strace cannot attach to process " + pid + ": " + said);
      }
      pause();
    }
    return trace;
  }

  private static boolean isTraced(int pid) throws IOException {
    try (Stream<Path> threads = Files.list(Path.of("/proc", "" + pid, "task"))) {
      for (Path thread : (Iterable<Path>) threads::iterator) {
        String status = Files.readString(thread.resolve("status"), ISO_8859_1);
        if (status.contains("\nTracerPid:\t0\n")) {
          return false;
        }
      }
      return true;
    }
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(2);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  /** Detaches; the calls that ended while it was attached, of threads that work for the kernel. */
  List<StraceText.Call> end() throws IOException {
    strace.destroy(); // SIGTERM: it detaches and goes
    Command.await(strace);
    return StraceText.ofWorkers(StraceText.calls(Files.readString(output, ISO_8859_1)));
  }

  @Override
  public void close() throws IOException {
    strace.destroy();
    Command.await(strace);
  }
}
