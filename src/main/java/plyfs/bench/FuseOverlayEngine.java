package plyfs.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The program fuse-overlayfs in PATH. */
final class FuseOverlayEngine implements Engine {
  static final String NAME = "fuse-overlayfs";

  private final String name;
  private final List<String> options;

  FuseOverlayEngine(String name, List<String> options) {
    this.name = name;
    this.options = options;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public @Nullable String missing() {
    return Command.find(NAME) == null ? "fuse-overlayfs is not in PATH: install it" : null;
  }

  @Override
  public String description() {
    try {
      return Command.run(List.of(NAME, "--version"))
          .lines()
          .filter(line -> line.startsWith(NAME))
          .findFirst()
          .orElse(NAME)
          .replace(": version", "");
    } catch (IOException e) {
      return NAME + " (unknown version)";
    }
  }

  @Override
  public String promise() {
    return options.contains(Engines.VOLATILE)
        ? "volatile: nothing is synced, fsync does nothing"
        : "fsync is kept; the copy itself is not synced before it replaces the lower file";
  }

  @Override
  public Mounted mount(Path lower, Path scratch, CaseFiles... files) throws IOException {
    return UnionMount.make(lower, scratch, options, FuseOverlayEngine::mount);
  }

  private static UnionMount.Daemon mount(Path merged, String all) throws IOException {
    Command.run(List.of(NAME, "-o", all, merged.toString()));
    int pid = processAt(merged.toString());
    if (pid == 0) {
      throw new IOException("the process of fuse-overlayfs at " + merged + " is not found");
    }
    return new UnionMount.Daemon(pid, null);
  }

  /** The process of the daemon, which goes into the background and keeps its arguments. */
  private static int processAt(String merged) throws IOException {
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      return processes
          .filter(process -> Character.isDigit(process.getFileName().toString().charAt(0)))
          .filter(process -> isOurs(process, merged))
          .mapToInt(process -> Integer.parseInt(process.getFileName().toString()))
          .findFirst()
          .orElse(0);
    } catch (UncheckedIOException e) {
      throw new IOException("cannot list the processes", e);
    }
  }

  private static boolean isOurs(Path process, String merged) {
    try {
      String line = Files.readString(process.resolve("cmdline"), ISO_8859_1);
      return line.startsWith(NAME) && line.endsWith("\0" + merged + "\0");
    } catch (IOException e) {
      return false; // the process has ended since the directory was listed
    }
  }
}
