package plyfs.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.container.BelowMounts;
import plyfs.container.Container;
import plyfs.container.ContainerHold;
import plyfs.container.Containers;
import plyfs.container.TakenMounts;
import plyfs.image.model.ProgressListener;
import plyfs.image.store.LayerStore;
import plyfs.options.MountOptions;
import plyfs.sys.Loggers;
import plyfs.sys.Name;

/** What a mount does for the container that it belongs to. */
final class MountedContainer {
  private static final Logger LOG = Loggers.named("plyfs");

  private final LayerStore store;
  private final Containers containers;
  private final Container container;
  private final ProgressListener listener;
  private @Nullable ContainerHold held;
  private @Nullable BelowMounts mounts;
  private List<byte[]> below = List.of();

  MountedContainer(LayerStore store, Container container, MountReport report) {
    this.store = store;
    this.containers = new Containers(store);
    this.container = container;
    this.listener =
        new ProgressListener() {
          @Override
          public void notice(String sentence) {
            report.notice(sentence);
          }
        };
  }

  Container container() {
    return container;
  }

  /** Options with its layers. */
  MountOptions with(MountOptions options) throws CommandFailure {
    byte[] image = container.image().toString().getBytes(US_ASCII);
    return new ImageMount(store, null)
        .withLowers(options, image)
        .withUpper(
            GivenPath.bytes(containers.upper(container)),
            GivenPath.bytes(containers.work(container)));
  }

  /** Takes it until this process ends. */
  void hold() throws CommandFailure {
    try {
      held = containers.hold(container);
    } catch (IOException e) {
      throw new CommandFailure(MountArguments.REFUSED, FailureText.of(e));
    }
  }

  /** Mounts its volumes and the like; where they are, in order. */
  List<byte[]> mountBelow(byte[] root) throws IOException {
    BelowMounts made = new BelowMounts(store, listener);
    mounts = made;
    below = made.make(root, container.settings().mounts());
    return below;
  }

  /** Takes them away again, except those that a program uses. */
  void unmountBelow() {
    try (TakenMounts taken = TakenMounts.take(below, false)) {
      if (taken.busy().length > 0) {
        LOG.log(Level.INFO, "{0} is in use", Name.printable(taken.busy()));
      }
    } catch (IOException e) {
      LOG.log(Level.WARNING, e.getMessage());
    }
  }

  void started() {
    ContainerHold hold = held;
    try {
      if (hold != null) {
        hold.started();
      }
    } catch (IOException e) {
      listener.notice("cannot note that the container runs: " + FailureText.of(e));
    }
  }

  /** The mount has been taken away. */
  void ended() {
    ContainerHold hold = held;
    if (hold == null) {
      return;
    }
    try {
      hold.ended(0);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "cannot note the end of the container: {0}", FailureText.of(e));
    }
    release();
  }

  private void release() {
    ContainerHold hold = held;
    if (hold != null) {
      hold.close();
      held = null;
    }
    BelowMounts made = mounts;
    if (made != null) {
      made.close();
    }
  }

  /** Removes it, because it was made for a mount that failed. */
  void undo() {
    release();
    try {
      containers.remove(container.id(), true, listener);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "cannot remove the container: {0}", FailureText.of(e));
    }
  }
}
