package plyfs.contract;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Mounts one kind of union. */
public interface UnionMounter {
  /** Directories of a mount; paths are absolute and without {@code :} and {@code ,}. */
  record Directories(
      List<String> lowers,
      List<String> dataOnly,
      @Nullable String upper,
      @Nullable String work,
      String mountPoint) {
    /** The option that names the lower layers. */
    String lowerdir() {
      StringBuilder option = new StringBuilder("lowerdir=").append(String.join(":", lowers));
      dataOnly.forEach(layer -> option.append("::").append(layer));
      return option.toString();
    }
  }

  /** For messages. */
  String kind();

  /** What this kind keeps. */
  Set<Promise> promises();

  /** Whether an option asks for what this kind does anyhow, and so needs no layers. */
  default boolean isAlwaysSo(String option) {
    return false;
  }

  /** Whether an option cannot be had with this kind; a scenario that wants it is skipped. */
  default boolean isRefused(String option) {
    return false;
  }

  /**
   * Mounts; the mount can be used on return.
   *
   * @param options such as {@code redirect_dir=off}, added to the usual ones
   * @throws IOException if it is refused, with what was printed
   */
  void mount(Directories directories, List<String> options) throws IOException;

  /** Unmounts. */
  void unmount(String mountPoint) throws IOException;

  /** Runs a program; what it printed on both outputs. */
  static String run(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String printed = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
    try {
      if (process.waitFor() != 0) {
        throw new IOException(
            String.join(" ", command) + ": exit code " + process.exitValue() + ": " + printed);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
    return printed;
  }
}
