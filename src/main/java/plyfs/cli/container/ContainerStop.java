package plyfs.cli.container;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import plyfs.cli.CommandFailure;
import plyfs.cli.GivenPath;
import plyfs.cli.Unmounting;
import plyfs.container.Container;
import plyfs.container.ContainerState;
import plyfs.container.Containers;
import plyfs.daemon.RuntimeDir;
import plyfs.daemon.StandingMount;
import plyfs.sys.Capabilities;
import plyfs.sys.ErrnoException;
import plyfs.sys.FuseMount;
import plyfs.sys.MountSyscalls;

/** Ends what a container does. */
final class ContainerStop {
  private static final int SIGTERM = 15;
  private static final int SIGKILL = 9;
  private static final int AFTER_KILL_SECONDS = 5;
  private static final int LOOK_MILLIS = 20;

  private ContainerStop() {}

  /**
   * Unmounts a container, or ends its program; nothing happens if it does not run.
   *
   * @param seconds to wait for the program before it is killed
   * @param isForced whether to unmount what is in use
   */
  static void stop(Containers containers, Container container, int seconds, boolean isForced)
      throws CommandFailure, IOException, ErrnoException {
    ContainerState state = containers.state(container);
    if (!state.isRunning()) {
      takeDeadMountAway(containers, container);
      return;
    }
    byte[] point = container.settings().mountPoint();
    if (point == null) {
      end(containers, container, seconds);
      return;
    }
    try {
      Unmounting.of(point, isForced, state.pid()).run();
    } catch (CommandFailure e) {
      if (containers.state(container).isRunning()) {
        throw new CommandFailure("cannot stop " + container + ": " + e.getMessage());
      }
    }
    if (isForced && !awaitEnd(containers, container, seconds)) {
      // A program still uses the mount that was detached: its daemon is ended.
      MountSyscalls.kill(state.pid(), SIGKILL);
      awaitEnd(containers, container, seconds);
    }
  }

  /** The mount of a daemon that was killed. */
  private static void takeDeadMountAway(Containers containers, Container container)
      throws IOException, ErrnoException {
    byte[] given = container.settings().mountPoint();
    byte[] point = given == null ? GivenPath.bytes(containers.merged(container)) : given;
    for (byte[] dead : StandingMount.dead(RuntimeDir.standard().list())) {
      if (Arrays.equals(dead, point)) {
        ErrnoException.check(FuseMount.unmount(point, !Capabilities.mayMount(), true));
      }
    }
  }

  /** Ends the program; the process that waits for it unmounts. */
  private static void end(Containers containers, Container container, int seconds)
      throws CommandFailure, IOException, ErrnoException {
    Path directory = containers.directory(container);
    RuntimeState.signal(directory, container.id(), "TERM", SIGTERM);
    // Asked once only: the process that waited takes the container again to note the exit code.
    boolean hasEnded = awaitEnd(containers, container, seconds);
    if (!hasEnded) {
      RuntimeState.signal(directory, container.id(), "KILL", SIGKILL);
      hasEnded = awaitEnd(containers, container, AFTER_KILL_SECONDS);
    }
    if (!hasEnded) {
      // The process that waited is gone.
      RuntimeState.delete(directory, container.id());
      new Unmounting(GivenPath.bytes(containers.merged(container).toRealPath()), true).run();
      if (!awaitEnd(containers, container, AFTER_KILL_SECONDS)) {
        throw new CommandFailure("cannot stop " + container + ": its mount is still in use");
      }
    }
  }

  private static boolean awaitEnd(Containers containers, Container container, int seconds)
      throws IOException {
    long end = System.nanoTime() + seconds * 1_000_000_000L;
    while (containers.state(container).isRunning()) {
      if (System.nanoTime() > end) {
        return false;
      }
      try {
        Thread.sleep(LOOK_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return true;
  }
}
