package plyfs.daemon;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.sys.MountSyscalls;
import plyfs.trace.EventLog;

/**
 * The directory in which each running mount has a small file, named by its process: {@code
 * /run/plyfs} for root, {@code $XDG_RUNTIME_DIR/plyfs} for others. A file whose process has ended
 * is removed by whoever finds it.
 */
public final class RuntimeDir {
  /** Field of /proc/PID/stat after the command's name: state, and starttime (22 in proc(5)). */
  private static final int STATE = 0;

  private static final int START_TIME = 19;

  /** Begins the name of a log of events. */
  private static final String EVENTS = "events.";

  private final Path directory;

  /** A runtime directory, which need not exist yet. */
  public RuntimeDir(Path directory) {
    this.directory = directory;
  }

  /** The one of this user. */
  public static RuntimeDir standard() {
    String given = System.getenv("XDG_RUNTIME_DIR");
    int user = MountSyscalls.effectiveUser();
    Path ofRoot = Path.of("/run/plyfs");
    if (user == 0 && mayWrite(ofRoot)) {
      return new RuntimeDir(ofRoot);
    }
    String base = given == null || given.isEmpty() ? "/run/user/" + user : given;
    return new RuntimeDir(Path.of(base, "plyfs"));
  }

  /** Not so for root of a user namespace that sees the machine's own directories. */
  private static boolean mayWrite(Path directory) {
    Path asked = Files.exists(directory) ? directory : directory.resolveSibling(".");
    return Files.isWritable(asked);
  }

  /**
   * Writes the file of a mount, all of it or nothing.
   *
   * @throws IOException the directory cannot be written
   */
  public void write(MountState state) throws IOException {
    // The umask of a daemon is 0: nobody else may say what is mounted.
    Files.createDirectories(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    Path temporary = directory.resolve("." + state.pid() + ".new");
    Files.deleteIfExists(temporary);
    Files.createFile(
        temporary,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r--r--")));
    Files.write(temporary, state.encoded());
    Files.move(temporary, fileOf(state), StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * Makes the log of what happens in a mount, beside its file.
   *
   * @throws IOException it cannot be made
   */
  public EventLog createEvents(MountState state) throws IOException {
    Path file = eventsOf(state);
    Files.deleteIfExists(file);
    return EventLog.create(file);
  }

  /** Where the log of what happens in a mount is. */
  public Path eventsOf(MountState state) {
    return directory.resolve(EVENTS + state.pid());
  }

  /** Removes the files of a mount that has ended. */
  public void remove(MountState state) throws IOException {
    Files.deleteIfExists(fileOf(state));
    Files.deleteIfExists(eventsOf(state));
  }

  /** Whether the process of a mount is still there. */
  public static boolean isRunning(MountState state) throws IOException {
    return startOf(state.pid()) == state.processStart();
  }

  private Path fileOf(MountState state) {
    return directory.resolve(Integer.toString(state.pid()));
  }

  /**
   * All running mounts, the oldest first.
   *
   * @throws IOException a file cannot be read or is damaged; the message names it
   */
  public List<MountState> list() throws IOException {
    List<MountState> running = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "[0-9]*")) {
      for (Path file : files) {
        MountState state = read(file);
        if (state == null) {
          continue;
        }
        if (isRunning(state)) {
          running.add(state);
        } else {
          Files.deleteIfExists(file);
        }
      }
      removeLonelyEvents();
    } catch (NoSuchFileException e) {
      return List.of(); // nothing was ever mounted
    }
    running.sort(Comparator.comparing(MountState::since).thenComparing(MountState::pid));
    return running;
  }

  /**
   * Removes logs of mounts that have no file any more: it is there before the log, and goes before
   * it.
   */
  private void removeLonelyEvents() throws IOException {
    try (DirectoryStream<Path> logs = Files.newDirectoryStream(directory, EVENTS + "[0-9]*")) {
      for (Path log : logs) {
        String pid = log.getFileName().toString().substring(EVENTS.length());
        if (!Files.exists(directory.resolve(pid))) {
          Files.deleteIfExists(log);
        }
      }
    }
  }

  /** The mount made last at a mount point; null if none is running there. */
  public @Nullable MountState find(byte[] mountpoint) throws IOException {
    MountState found = null;
    for (MountState state : list()) {
      if (Arrays.equals(state.mountpoint(), mountpoint)) {
        found = state;
      }
    }
    return found;
  }

  private static @Nullable MountState read(Path file) throws IOException {
    try {
      return MountState.decode(Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      return null; // ended since the directory was listed
    } catch (IllegalArgumentException e) {
      throw new IOException("runtime file " + file + " is damaged: remove it", e);
    }
  }

  /** When a process began, clock ticks since boot; -1 if it has ended. */
  public static long startOf(int pid) throws IOException {
    Path process = Path.of("/proc", Integer.toString(pid));
    String stat;
    try {
      stat = Files.readString(process.resolve("stat"), ISO_8859_1);
    } catch (IOException e) {
      if (Files.exists(process)) {
        throw e;
      }
      return -1; // it may end while this reads (ESRCH)
    }
    // The command's name is in parentheses and may hold anything.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return fields[STATE].equals("Z") || fields[STATE].equals("X")
        ? -1
        : Long.parseLong(fields[START_TIME]);
  }
}
