package plyfs.cli.container;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import plyfs.container.run.ContainerRuntime;
import plyfs.sys.MountSyscalls;

/** What {@code plyfs run} notes for {@code plyfs stop}: the runtime, and the process that waits. */
final class RuntimeState {
  private static final String RUNTIME = "runtime";
  private static final String CHILD = "child";

  private RuntimeState() {}

  /** Where OCI runtimes keep what runs. */
  static Path directory() {
    String given = System.getenv("XDG_RUNTIME_DIR");
    boolean isRoot = MountSyscalls.effectiveUser() == 0;
    return isRoot || given == null || given.isEmpty()
        ? Path.of("/run/plyfs/oci")
        : Path.of(given, "plyfs", "oci");
  }

  static void note(Path container, ContainerRuntime runtime) throws IOException {
    Files.writeString(container.resolve(RUNTIME), runtime.program() + "\n");
  }

  static void noteChild(Path container, long pid) throws IOException {
    Files.writeString(container.resolve(CHILD), pid + "\n");
  }

  /** Sends a signal to the program of a container. */
  static void signal(Path container, String id, String name, int number) throws IOException {
    Path noted = container.resolve(RUNTIME);
    if (Files.exists(noted)) {
      Path program = Path.of(Files.readString(noted).strip());
      call(new ContainerRuntime(program, ContainerRuntime.Kind.OCI).kill(directory(), id, name));
    } else if (Files.exists(container.resolve(CHILD))) {
      int child = Integer.parseInt(Files.readString(container.resolve(CHILD)).strip());
      MountSyscalls.kill(childOf(child), number);
    }
  }

  /** Forgets a container of an OCI runtime. */
  static void delete(Path container, String id) throws IOException {
    Path noted = container.resolve(RUNTIME);
    if (Files.exists(noted)) {
      Path program = Path.of(Files.readString(noted).strip());
      call(new ContainerRuntime(program, ContainerRuntime.Kind.OCI).delete(directory(), id));
    }
  }

  private static void call(List<String> words) throws IOException {
    try {
      new ProcessBuilder(words)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .redirectError(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * The only child of unshare(1), which takes no signals itself; the process itself without one.
   */
  static int childOf(int pid) {
    try {
      String children = Files.readString(Path.of("/proc/" + pid + "/task/" + pid + "/children"));
      return children.isBlank() ? pid : Integer.parseInt(children.strip().split(" ", 2)[0]);
    } catch (IOException e) {
      return pid; // it has ended
    }
  }
}
