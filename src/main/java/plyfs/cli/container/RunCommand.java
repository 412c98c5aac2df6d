package plyfs.cli.container;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import plyfs.cli.CommandFailure;
import plyfs.cli.Console;
import plyfs.cli.FailureText;
import plyfs.cli.GivenPath;
import plyfs.cli.RawArguments;
import plyfs.cli.StoreOption;
import plyfs.container.BadArgumentException;
import plyfs.container.Container;
import plyfs.container.ContainerMount;
import plyfs.container.ContainerSettings;
import plyfs.container.Containers;
import plyfs.container.NoSuchContainerException;
import plyfs.container.RunSettings;
import plyfs.container.run.ContainerRuntime;
import plyfs.container.run.RunRequest;
import plyfs.image.store.LayerStore;
import plyfs.image.store.StoredImage;
import plyfs.sys.ErrnoException;
import plyfs.sys.MountSyscalls;

/** Runs a program in a container. */
@Command(
    name = "run",
    exitCodeOnInvalidInput = ContainerRun.NOT_RUN,
    header = "Run a program in a new container.",
    customSynopsis = {"plyfs run [OPTIONS] IMAGE [COMMAND] [ARGUMENT...]"},
    description = {
      "Mounts the image with a writable layer of its own, and runs the program in it with crun or"
          + " runc; where neither is installed with unshare(1), which isolates less. The image"
          + " says what is run unless COMMAND or an option does. The container has a network of"
          + " its own with a loopback device only, unless --network host is given. Plyfs does not"
          + " set a seccomp filter.",
      "",
      "Exit codes: that of the program; 125 it was not started, or wrong usage; 126 it cannot be"
          + " run; 127 it is not there.",
      ""
    })
final class RunCommand implements Callable<Integer> {
  @Mixin private StoreOption store = new StoreOption();

  @Option(
      names = {"-e", "--env"},
      paramLabel = "NAME[=VALUE]",
      description = "Set a variable; without VALUE to the one that it has here. May be repeated.")
  private List<String> environment = List.of();

  @Option(
      names = "--env-file",
      paramLabel = "FILE",
      description = "Set the variables of a file, one a line; # begins a comment.")
  private List<String> environmentFiles = List.of();

  @Option(
      names = "--entrypoint",
      paramLabel = "PROGRAM",
      description = "Run this instead of the image's entrypoint and command; '' for none.")
  private @Nullable String entrypoint;

  @Option(
      names = {"-h", "--hostname"},
      paramLabel = "NAME",
      description = "Host name in the container (default: the beginning of its ID).")
  private String hostname = "";

  @Option(
      names = {"-i", "--interactive"},
      description = "Pass standard input on to the program.")
  private boolean isInteractive;

  @Option(
      names = {"-l", "--label"},
      paramLabel = "KEY=VALUE",
      description = "Note this about the container. May be repeated.")
  private List<String> labels = List.of();

  @Option(names = "--name", paramLabel = "NAME", description = "Name of the container.")
  private String name = "";

  @Option(
      names = "--network",
      paramLabel = "none|host",
      description = "The network: 'none' (default) has a loopback device only.")
  private String network = RunSettings.NONE;

  @Option(names = "--read-only", description = "Make the root read-only for the program.")
  private boolean isReadOnly;

  @Option(
      names = "--rm",
      description = "Remove the container and its volumes without a name at the end.")
  private boolean isRemoved;

  @Option(
      names = "--runtime",
      paramLabel = "PROGRAM",
      description = "crun, runc, the path of another OCI runtime, or unshare.")
  private String runtime = "";

  @Option(
      names = "--tmpfs",
      paramLabel = "PATH[:OPTIONS]",
      description = "Mount a tmpfs. May be repeated.")
  private List<String> tmpfs = List.of();

  @Option(
      names = {"-t", "--tty"},
      description = "Give the program a terminal.")
  private boolean isTerminal;

  @Option(
      names = {"-u", "--user"},
      paramLabel = "USER[:GROUP]",
      description = "Names of the image, or numbers.")
  private String user = "";

  @Option(
      names = {"-v", "--volume"},
      paramLabel = "VOLUME",
      description =
          "Mount HOST-PATH:PATH[:ro], NAME:PATH[:ro] (a volume) or PATH (a volume without a"
              + " name). May be repeated.")
  private List<String> volumes = List.of();

  @Option(
      names = {"-w", "--workdir"},
      paramLabel = "DIR",
      description = "Working directory of the program; made if it does not exist.")
  private String directory = "";

  @Parameters(
      arity = "1..*",
      paramLabel = "IMAGE",
      description = "The image, then the program and its arguments.")
  private List<String> words = List.of();

  @Override
  public Integer call() throws CommandFailure, ErrnoException {
    try {
      return run();
    } catch (BadArgumentException | IOException e) {
      throw new CommandFailure(ContainerRun.NOT_RUN, FailureText.of(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandFailure(ContainerRun.NOT_RUN, "interrupted");
    }
  }

  private int run()
      throws CommandFailure,
          BadArgumentException,
          IOException,
          ErrnoException,
          InterruptedException {
    checkChoices();
    LayerStore from = store.choose();
    ContainerRuntime with =
        ContainerRuntime.choose(runtime, Objects.requireNonNullElse(System.getenv("PATH"), ""));
    if (!with.takesBundles() && isReadOnly) {
      throw new CommandFailure(
          ContainerRun.NOT_RUN, "option '--read-only' needs crun or runc: install one of them");
    }
    StoredImage image = from.find(text(words.get(0)));
    JsonObject config = image.details().config();
    RunSettings settings = request().with(config);
    ContainerSettings all =
        new ContainerSettings(null, mounts(config), List.of(), labels(), settings);
    Containers containers = new Containers(from);
    Container container =
        containers.create(text(name), text(words.get(0)), all, ContainerNotices.SHOWN);
    if (!with.notice().isEmpty()) {
      Console.complain(with.notice());
    }
    try {
      return new ContainerRun(from, container, settings, with, isInteractive).run();
    } finally {
      if (isRemoved) {
        removeIfThere(containers, container);
      }
    }
  }

  /** 'plyfs rm -f' may have been quicker. */
  private static void removeIfThere(Containers containers, Container container)
      throws IOException, ErrnoException {
    try {
      ContainerRemoval.remove(containers, container, true);
    } catch (NoSuchContainerException e) {
      // That is what was wanted.
    }
  }

  private void checkChoices() throws CommandFailure {
    if (!network.equals(RunSettings.NONE) && !network.equals(RunSettings.HOST)) {
      throw new CommandFailure(
          ContainerRun.NOT_RUN,
          "there is no network '"
              + network
              + "': use none or host; Plyfs does not manage networks");
    }
    if (isTerminal && !Boolean.getBoolean("plyfs.inputterminal")) {
      throw new CommandFailure(ContainerRun.NOT_RUN, "the input device is not a TTY");
    }
    if (MountSyscalls.effectiveUser() != 0) {
      throw new CommandFailure(
          ContainerRun.NOT_RUN,
          "'plyfs run' needs root: 'plyfs mount' mounts an image for other users");
    }
  }

  private RunRequest request() throws IOException {
    return new RunRequest(
        words.subList(1, words.size()).stream().map(RunCommand::text).toList(),
        entrypoint == null ? null : text(entrypoint),
        variables(),
        text(directory),
        text(user),
        text(hostname),
        isReadOnly,
        isTerminal,
        network);
  }

  private List<String> variables() throws IOException {
    List<String> all = new ArrayList<>();
    for (String file : environmentFiles) {
      for (String line : Files.readAllLines(Path.of(text(file)), UTF_8)) {
        if (!line.isBlank() && !line.startsWith("#")) {
          addVariable(all, line);
        }
      }
    }
    for (String each : environment) {
      addVariable(all, text(each));
    }
    return all;
  }

  private static void addVariable(List<String> all, String given) {
    String here = given.contains("=") ? null : System.getenv(given);
    if (given.contains("=")) {
      all.add(given);
    } else if (here != null) {
      all.add(given + "=" + here);
    }
  }

  private List<ContainerMount> mounts(JsonObject config)
      throws BadArgumentException, CommandFailure {
    byte[] here =
        GivenPath.absoluteDirectory("working directory", new byte[] {'.'}, ContainerRun.NOT_RUN);
    List<ContainerMount> mounts = new ArrayList<>();
    for (String each : volumes) {
      mounts.add(ContainerMount.ofVolume(each, here));
    }
    for (String each : tmpfs) {
      mounts.add(ContainerMount.ofTmpfs(each));
    }
    List<ContainerMount> given = List.copyOf(mounts);
    for (String place : RunRequest.volumes(config)) {
      ContainerMount volume = ContainerMount.ofImage(RawArguments.text(place.getBytes(UTF_8)));
      if (given.stream().noneMatch(each -> Arrays.equals(each.target(), volume.target()))) {
        mounts.add(volume);
      }
    }
    return ContainerMount.inOrder(mounts);
  }

  private Map<String, String> labels() {
    Map<String, String> noted = new LinkedHashMap<>();
    for (String each : labels) {
      String label = text(each);
      int equal = label.indexOf('=');
      noted.put(
          equal < 0 ? label : label.substring(0, equal),
          equal < 0 ? "" : label.substring(equal + 1));
    }
    return noted;
  }

  /** The text of an argument, which has one character for each byte. */
  private static String text(String argument) {
    return new String(RawArguments.bytes(argument), UTF_8);
  }
}
