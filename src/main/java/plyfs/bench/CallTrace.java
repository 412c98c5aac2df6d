package plyfs.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** strace(1), attached to all threads of a process. */
final class CallTrace implements AutoCloseable {
  private static final long PATIENCE_NANOS = 10_000_000_000L;

  private final Process strace;
  private final Path output;

  private CallTrace(Process strace, Path output) {
    this.strace = strace;
    this.output = output;
  }

  /** Why strace cannot be used; null if it can. */
  static @Nullable String missing() {
    return Command.find("strace") == null
        ? "strace is not in PATH: system calls are not counted, and methods are"
            + " recognized by the result only"
        : null;
  }

  /**
   * Attaches strace.
   *
   * @throws IOException strace cannot attach, for example because it lacks the privilege
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

  /** Detaches strace. Returns the calls that ended meanwhile, of threads that serve the kernel. */
  List<StraceText.Call> end() throws IOException {
    strace.destroy(); // SIGTERM: strace detaches and ends
    Command.await(strace);
    return StraceText.ofWorkers(StraceText.calls(Files.readString(output, ISO_8859_1)));
  }

  @Override
  public void close() throws IOException {
    strace.destroy();
    Command.await(strace);
  }
}
