package plyfs.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.daemon.MountState;
import plyfs.daemon.RuntimeDir;

/** This program, mounted through its launcher like any other mount. */
final class PlyfsEngine implements Engine {
  static final String NAME = "plyfs";

  private final String name;
  private final List<String> options;
  private final @Nullable Path launcher;

  /**
   * Uses a launcher.
   *
   * @param launcher the script that starts the command; null if unknown
   */
  PlyfsEngine(String name, List<String> options, @Nullable Path launcher) {
    this.name = name;
    this.options = options;
    this.launcher = launcher;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public @Nullable String missing() {
    if (launcher == null) {
      return "the launcher is not known: start the benchmark with scripts/plyfs";
    }
    return Files.exists(Path.of("/dev/fuse"))
        ? null
        : "/dev/fuse does not exist: load the module fuse";
  }

  @Override
  public String description() {
    return "Plyfs " + Machine.version();
  }

  @Override
  public String promise() {
    return Engines.promiseOfOverlay(options);
  }

  @Override
  public Mounted mount(Path lower, Path scratch, CaseFiles... files) throws IOException {
    return UnionMount.make(lower, scratch, options, this::mount);
  }

  private UnionMount.Daemon mount(Path merged, String all) throws IOException {
    Command.run(List.of(String.valueOf(launcher), "mount", "-o", all, merged.toString()));
    MountState state = RuntimeDir.standard().find(CaseFiles.bytes(merged.toRealPath()));
    if (state == null) {
      throw new IOException("the mount at " + merged + " is not listed by 'plyfs ps'");
    }
    String log = new String(state.log(), UTF_8);
    return new UnionMount.Daemon(state.pid(), log.startsWith("/") ? Path.of(log) : null);
  }
}
