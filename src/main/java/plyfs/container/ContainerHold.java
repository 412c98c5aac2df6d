package plyfs.container;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import plyfs.image.disk.StoreDisk;
import plyfs.image.model.BadImageException;
import plyfs.image.model.Json;
import plyfs.image.store.StoreLock;
import plyfs.sys.Linux;
import plyfs.sys.MountSyscalls;

/**
 * A container that this process mounts or runs: an exclusive lock on {@code containers/<id>} until
 * it is closed or the process ends. Only its holder writes {@code state.json}.
 */
public final class ContainerHold implements AutoCloseable {
  private static final String FILE = "state.json";
  private static final String STARTED = "StartedAt";
  private static final String FINISHED = "FinishedAt";
  private static final String EXIT_CODE = "ExitCode";
  private static final String PID = "Pid";

  /** Another command may look at the lock at the same moment: 500 ms. */
  private static final int ATTEMPTS = 50;

  private static final int PAUSE_MILLIS = 10;

  private final StoreDisk disk;
  private final Path directory;
  private final StoreLock lock;
  private Instant started = Instant.EPOCH;

  private ContainerHold(StoreDisk disk, Path directory, StoreLock lock) {
    this.disk = disk;
    this.directory = directory;
    this.lock = lock;
  }

  /**
   * Takes a container; null if another process has it.
   *
   * @throws IOException it has been removed
   */
  static @Nullable ContainerHold take(StoreDisk disk, Path directory) throws IOException {
    StoreLock lock = StoreLock.tryDirectory(directory, Linux.LOCK_EX);
    for (int i = 0; lock == null && i < ATTEMPTS; i++) {
      try {
        Thread.sleep(PAUSE_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return null;
      }
      lock = StoreLock.tryDirectory(directory, Linux.LOCK_EX);
    }
    if (lock == null) {
      return null;
    }
    if (!disk.exists(directory.resolve(ContainerFile.NAME))) {
      lock.close();
      throw new IOException("the container " + directory + " has been removed");
    }
    return new ContainerHold(disk, directory, lock);
  }

  /** Notes that it is mounted now. */
  public void started() throws IOException {
    started = Instant.now();
    JsonObject state = new JsonObject();
    state.addProperty(STARTED, started.toString());
    state.addProperty(PID, MountSyscalls.processId());
    write(state);
  }

  /** Notes that a program which was started at a time has ended. */
  void endedWith(int exitCode, @Nullable Instant when) throws IOException {
    started = when == null ? Instant.now() : when;
    ended(exitCode);
  }

  /** Notes that it has ended. */
  public void ended(int exitCode) throws IOException {
    JsonObject state = new JsonObject();
    state.addProperty(STARTED, started.toString());
    state.addProperty(PID, MountSyscalls.processId());
    state.addProperty(FINISHED, Instant.now().toString());
    state.addProperty(EXIT_CODE, exitCode);
    write(state);
  }

  private void write(JsonObject state) throws IOException {
    Path file = directory.resolve(FILE);
    Path prepared = file.resolveSibling(FILE + ".new");
    disk.write(prepared, (state + "\n").getBytes(UTF_8));
    disk.move(prepared, file);
  }

  /** What a container does, by its lock and its file. */
  static ContainerState stateOf(StoreDisk disk, Path directory) throws IOException {
    boolean isHeld = isHeld(directory);
    Path file = directory.resolve(FILE);
    byte[] content = disk.readIfThere(file);
    if (content == null) {
      return isHeld
          ? new ContainerState(ContainerState.Status.RUNNING, null, null, 0, 0)
          : ContainerState.CREATED;
    }
    Json state = Json.object(file.toString(), content);
    try {
      String finished = state.optionalText(FINISHED);
      String code = state.optionalText(EXIT_CODE);
      ContainerState.Status status =
          isHeld
              ? ContainerState.Status.RUNNING
              : finished == null ? ContainerState.Status.DEAD : ContainerState.Status.EXITED;
      return new ContainerState(
          status,
          Instant.parse(state.text(STARTED)),
          isHeld || finished == null ? null : Instant.parse(finished),
          code == null ? 0 : Integer.parseInt(code),
          Integer.parseInt(state.text(PID)));
    } catch (DateTimeException | NumberFormatException e) {
      throw new BadImageException(file + " is damaged: " + e.getMessage(), e);
    }
  }

  private static boolean isHeld(Path directory) throws IOException {
    try (StoreLock shared = StoreLock.tryDirectory(directory, Linux.LOCK_SH)) {
      return shared == null;
    }
  }

  @Override
  public void close() {
    lock.close();
  }
}
