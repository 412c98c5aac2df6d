package plyfs.container.run;

import com.google.common.base.Splitter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.container.RunSettings;

/**
 * The program that runs containers: crun, runc or another OCI runtime; or unshare(1), which
 * isolates less.
 *
 * @param program absolute path
 * @param kind how it is called
 */
public record ContainerRuntime(Path program, Kind kind) {
  /** The ways to call one. */
  public enum Kind {
    OCI,
    UNSHARE
  }

  private static final Path CGROUP_2 = Path.of("/sys/fs/cgroup/cgroup.controllers");
  private static final String CRUN = "crun";
  private static final String RUNC = "runc";
  private static final String UNSHARE = "unshare";

  /**
   * The one that was asked for, or the best that is installed. runc comes first where the cgroups
   * of the machine are not those of version 2: crun refuses a mix of both versions.
   *
   * @param asked a name or a path; empty for none
   * @throws IOException there is none
   */
  public static ContainerRuntime choose(String asked, String searchPath) throws IOException {
    boolean isSecond = Files.exists(CGROUP_2);
    List<String> names =
        asked.isEmpty()
            ? isSecond ? List.of(CRUN, RUNC, UNSHARE) : List.of(RUNC, CRUN, UNSHARE)
            : List.of(asked);
    for (String name : names) {
      Path found = find(name, searchPath);
      if (found != null) {
        boolean isUnshare = found.endsWith(UNSHARE);
        return new ContainerRuntime(found, isUnshare ? Kind.UNSHARE : Kind.OCI);
      }
    }
    throw new IOException(
        asked.isEmpty()
            ? "there is neither crun nor runc nor unshare: install one of them"
            : "there is no runtime '" + asked + "': install it, or name crun, runc or unshare");
  }

  private static @Nullable Path find(String name, String searchPath) {
    if (name.contains("/")) {
      return Files.isExecutable(Path.of(name)) ? Path.of(name).toAbsolutePath() : null;
    }
    for (String directory : Splitter.on(':').omitEmptyStrings().split(searchPath)) {
      Path program = Path.of(directory, name);
      if (Files.isExecutable(program)) {
        return program;
      }
    }
    return null;
  }

  /** Whether it takes a bundle. */
  public boolean takesBundles() {
    return kind != Kind.UNSHARE;
  }

  /** What it does not isolate; empty if nothing is to be said. */
  public String notice() {
    return switch (kind) {
      case OCI -> "";
      case UNSHARE ->
          "neither crun nor runc runs this: with unshare(1) and chroot(2) the program has the"
              + " capabilities and devices of its user, /sys, /dev and the host name are not set"
              + " up, and nothing in /proc is hidden";
    };
  }

  /** Words before all commands of an OCI runtime. */
  private List<String> start(Path state) {
    List<String> words = new ArrayList<>();
    words.add(program.toString());
    words.add("--root");
    words.add(state.toString());
    return words;
  }

  /**
   * Runs a bundle and waits.
   *
   * @param state directory in which the runtime keeps what runs
   * @param pidFile written when the program has been started
   */
  public List<String> run(Path state, Path bundle, Path pidFile, String id) {
    List<String> words = start(state);
    words.addAll(
        List.of("run", "--bundle", bundle.toString(), "--pid-file", pidFile.toString(), id));
    return words;
  }

  /** Sends a signal to a container. */
  public List<String> kill(Path state, String id, String signal) {
    List<String> words = start(state);
    words.addAll(List.of("kill", id, signal));
    return words;
  }

  /** Forgets a container whose program has ended or is killed. */
  public List<String> delete(Path state, String id) {
    List<String> words = start(state);
    words.addAll(List.of("delete", "--force", id));
    return words;
  }

  /**
   * The call of unshare(1).
   *
   * @param root mounted layers, with volumes below
   */
  public List<String> unshare(Path root, RunSettings run, ContainerUser user) {
    List<String> words = new ArrayList<>();
    words.addAll(
        List.of(
            program.toString(), "--mount", "--uts", "--ipc", "--pid", "--fork", "--kill-child"));
    if (!run.network().equals(RunSettings.HOST)) {
      words.add("--net");
    }
    words.add("--root=" + root);
    words.add("--wd=" + run.workingDirectory());
    words.add("--mount-proc");
    words.add("--setgid=" + user.gid());
    words.add("--setuid=" + user.uid());
    words.add("--");
    words.addAll(run.command());
    return words;
  }
}
