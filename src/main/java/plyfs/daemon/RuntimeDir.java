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
import plyfs.sys.ErrnoException;
import plyfs.sys.MountSyscalls;
import plyfs.trace.EventLog;

/**
 * The directory with one small file for each running mount, named by its process id: {@code
 * /run/plyfs} for root, {@code $XDG_RUNTIME_DIR/plyfs} for other users. A reader removes a file
 * whose process has ended.
 */
public final class RuntimeDir {
  /** Fields of /proc/PID/stat after the command name: state, and starttime (22 in proc(5)). */
  private static final int STATE = 0;

  private static final int START_TIME = 19;

  /** Prefix of the name of an event log. */
  private static final String EVENTS = "events.";

  private final Path directory;

  /** A runtime directory, which need not exist yet. */
  public RuntimeDir(Path directory) {
    this.directory = directory;
  }

  /** The runtime directory of this user. */
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

  /** False for root of a user namespace that sees the directories of the machine. */
  private static boolean mayWrite(Path directory) {
    Path asked = Files.exists(directory) ? directory : directory.resolveSibling(".");
    return Files.isWritable(asked);
  }

  /**
   * Writes the file of a mount atomically.
   *
   * @throws IOException the directory cannot be written
   */
  public void write(MountState state) throws IOException {
    // The umask of a daemon is 0: no other user may write this file.
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
   * Creates the event log of a mount, beside its file.
   *
   * @throws IOException it cannot be made
   */
  public EventLog createEvents(MountState state) throws IOException {
    Path file = eventsOf(state);
    Files.deleteIfExists(file);
    return EventLog.create(file);
  }

  /** Path of the event log of a mount. */
  public Path eventsOf(MountState state) {
    return directory.resolve(EVENTS + state.pid());
  }

  /** Removes the files of a mount that has ended. */
  public void remove(MountState state) throws IOException {
    Files.deleteIfExists(fileOf(state));
    Files.deleteIfExists(eventsOf(state));
  }

  /** Whether the process of a mount still runs. */
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
   * Removes event logs without a mount file. A mount creates its file before its event log, and
   * removes it first.
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

  /** The newest running mount at a mount point; null if there is none. */
  public @Nullable MountState find(byte[] mountpoint) throws IOException {
    List<MountState> found = new ArrayList<>();
    for (MountState state : list()) {
      if (Arrays.equals(state.mountpoint(), mountpoint)) {
        found.add(state);
      }
    }
    return found.size() < 2 ? first(found) : topmost(found, mountpoint);
  }

  private static @Nullable MountState first(List<MountState> states) {
    return states.isEmpty() ? null : states.get(0);
  }

  /** The one that covers the others. */
  private static @Nullable MountState topmost(List<MountState> states, byte[] mountpoint)
      throws IOException {
    try {
      String device = MountTable.topDeviceAt(mountpoint);
      for (MountState state : states) {
        if (device != null && device.equals(state.device())) {
          return state;
        }
      }
    } catch (ErrnoException e) {
      throw new IOException("cannot read the mount table: " + e.getMessage(), e);
    }
    return states.get(states.size() - 1);
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

  /** Start time of a process, clock ticks since boot; -1 if it has ended. */
  public static long startOf(int pid) throws IOException {
    Path process = Path.of("/proc", Integer.toString(pid));
    String stat;
    try {
      stat = Files.readString(process.resolve("stat"), ISO_8859_1);
    } catch (IOException e) {
      if (Files.exists(process)) {
        throw e;
      }
      return -1; // it may end during the read (ESRCH)
    }
    // The command name is in parentheses and may contain any byte.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return fields[STATE].equals("Z") || fields[STATE].equals("X")
        ? -1
        : Long.parseLong(fields[START_TIME]);
  }
}
