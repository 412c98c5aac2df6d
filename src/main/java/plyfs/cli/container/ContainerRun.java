package plyfs.cli.container;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import plyfs.cli.CommandFailure;
import plyfs.cli.Console;
import plyfs.cli.FailureText;
import plyfs.cli.GivenPath;
import plyfs.cli.Unmounting;
import plyfs.container.Container;
import plyfs.container.Containers;
import plyfs.container.NoSuchContainerException;
import plyfs.container.RunSettings;
import plyfs.container.run.ContainerRoot;
import plyfs.container.run.ContainerRuntime;
import plyfs.container.run.ContainerUser;
import plyfs.container.run.OciBundle;
import plyfs.image.store.LayerStore;
import plyfs.sys.ErrnoException;
import plyfs.sys.MountSyscalls;
import plyfs.sys.Signals;

/** Runs the program of a container: mounts, calls the runtime, waits, unmounts. */
final class ContainerRun {
  /** Docker's exit code for what failed before the program. */
  static final int NOT_RUN = 125;

  private final LayerStore store;
  private final Containers containers;
  private final Container container;
  private final RunSettings settings;
  private final ContainerRuntime runtime;
  private final boolean isInteractive;

  ContainerRun(
      LayerStore store,
      Container container,
      RunSettings settings,
      ContainerRuntime runtime,
      boolean isInteractive) {
    this.store = store;
    this.containers = new Containers(store);
    this.container = container;
    this.settings = settings;
    this.runtime = runtime;
    this.isInteractive = isInteractive;
  }

  /** Runs it; the exit code of the program, or Docker's for a failure. */
  int run() throws IOException, CommandFailure, ErrnoException, InterruptedException {
    Path root = containers.merged(container);
    mount(root);
    int code;
    try {
      code = runIn(root);
    } catch (ContainerRoot.NoProgramException e) {
      Console.complain(String.valueOf(e.getMessage()));
      code = e.exitCode();
    } catch (IOException e) {
      Console.complain(FailureText.of(e));
      code = NOT_RUN;
    } finally {
      unmount(root);
    }
    try {
      containers.finish(container, code);
    } catch (NoSuchContainerException e) {
      // 'plyfs rm -f' has removed it.
    }
    return code;
  }

  private void mount(Path root) throws IOException, InterruptedException, CommandFailure {
    Files.createDirectories(root);
    Process start =
        new ProcessBuilder(
                System.getProperty("plyfs.launcher", "plyfs"),
                "start",
                "--for-run",
                "--store=" + store.root(),
                container.id())
            .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
            .redirectOutput(Redirect.DISCARD)
            .redirectError(Redirect.INHERIT)
            .start();
    if (start.waitFor() != 0) {
      Files.deleteIfExists(root);
      throw new CommandFailure(NOT_RUN, "cannot mount " + container);
    }
  }

  private void unmount(Path root) throws CommandFailure, IOException, ErrnoException {
    byte[] point = GivenPath.bytes(root.toRealPath());
    new Unmounting(point, false).run();
    Files.deleteIfExists(root);
  }

  private int runIn(Path root) throws IOException, ErrnoException, InterruptedException {
    RunSettings completed;
    ContainerUser user;
    try (ContainerRoot inside = new ContainerRoot(GivenPath.bytes(root))) {
      user =
          ContainerUser.of(settings.user(), inside.text("/etc/passwd"), inside.text("/etc/group"));
      String hostname = settings.hostname().isEmpty() ? container.shortId() : settings.hostname();
      completed = settings.completed(hostname, user.home());
      inside.makeDirectory(settings.workingDirectory(), 0, 0);
      inside.program(
          settings.command().get(0), completed.variable("PATH"), settings.workingDirectory());
    }
    return runtime.takesBundles()
        ? runBundle(root, completed, user)
        : wait(unshare(root, completed, user));
  }

  private ProcessBuilder unshare(Path root, RunSettings completed, ContainerUser user) {
    ProcessBuilder builder = new ProcessBuilder(runtime.unshare(root, completed, user));
    builder.environment().clear();
    for (String each : completed.environment()) {
      int equal = each.indexOf('=');
      builder.environment().put(each.substring(0, equal), each.substring(equal + 1));
    }
    return builder;
  }

  private int runBundle(Path root, RunSettings completed, ContainerUser user)
      throws IOException, ErrnoException, InterruptedException {
    Path directory = containers.directory(container);
    Path bundle = directory.resolve("bundle");
    Files.createDirectories(bundle);
    Path pidFile = bundle.resolve("pid");
    Files.deleteIfExists(pidFile);
    Files.writeString(
        bundle.resolve("config.json"),
        OciBundle.config(completed, root.toString(), user, files(directory, completed)));
    Path state = RuntimeState.directory();
    Files.createDirectories(state);
    RuntimeState.note(directory, runtime);
    int code = wait(new ProcessBuilder(runtime.run(state, bundle, pidFile, container.id())));
    return Files.exists(pidFile) ? code : NOT_RUN;
  }

  /** The files that Docker mounts over those of the image. */
  private static Map<String, String> files(Path directory, RunSettings completed)
      throws IOException {
    Map<String, String> files = new LinkedHashMap<>();
    Path resolver = Path.of("/etc/resolv.conf");
    boolean isShared = completed.network().equals(RunSettings.HOST) && Files.exists(resolver);
    String servers = isShared ? Files.readString(resolver, UTF_8) : "";
    String hosts =
        "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\n127.0.0.1\t"
            + completed.hostname()
            + "\n";
    put(files, directory, "resolv.conf", servers);
    put(files, directory, "hostname", completed.hostname() + "\n");
    put(files, directory, "hosts", hosts);
    return files;
  }

  private static void put(Map<String, String> files, Path directory, String name, String content)
      throws IOException {
    Path file = directory.resolve(name);
    Files.writeString(file, content);
    files.put("/etc/" + name, file.toString());
  }

  private int wait(ProcessBuilder builder)
      throws IOException, ErrnoException, InterruptedException {
    boolean hasInput = isInteractive || settings.isTerminal();
    builder.inheritIO();
    if (!hasInput) {
      builder.redirectInput(Redirect.from(Path.of("/dev/null").toFile()));
    }
    Process process = builder.start();
    RuntimeState.noteChild(containers.directory(container), process.pid());
    forwardSignals(process);
    return process.waitFor();
  }

  /**
   * Passes signals on. A terminal sends SIGINT to the program itself, so that one is passed on only
   * where there is no terminal.
   */
  private void forwardSignals(Process process) {
    List<Signals.Sent> passed =
        new ArrayList<>(List.of(Signals.Sent.TERM, Signals.Sent.HUP, Signals.Sent.USR1));
    boolean hasTerminal =
        Boolean.getBoolean("plyfs.inputterminal")
            || Boolean.getBoolean("plyfs.terminal")
            || Boolean.getBoolean("plyfs.colour");
    for (Signals.Sent sent : passed) {
      Signals.on(sent, () -> send(process, sent));
    }
    Signals.on(
        Signals.Sent.INT,
        () -> {
          if (!hasTerminal) {
            send(process, Signals.Sent.INT);
          }
        });
  }

  private void send(Process process, Signals.Sent sent) {
    int pid = (int) process.pid();
    int to = runtime.takesBundles() ? pid : RuntimeState.childOf(pid);
    MountSyscalls.kill(to, sent.number());
  }
}
