package plyfs.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.util.List;
import plyfs.container.Container;
import plyfs.container.Containers;
import plyfs.daemon.Remount;
import plyfs.image.model.ProgressListener;
import plyfs.image.store.LayerStore;
import plyfs.options.MountOptionException;
import plyfs.options.MountOptions;
import plyfs.options.Privilege;

/** Prepares the mount of a container that is there. */
final class StartPreparation {
  private final LayerStore store;
  private final Containers containers;
  private final MountReport report;
  private final String name;
  private final boolean isForRun;
  private Container container;

  /**
   * Finds the container.
   *
   * @throws IOException there is none
   */
  StartPreparation(StartArguments arguments, MountReport report)
      throws IOException, CommandFailure {
    this.store = StoreChoice.of(arguments.store());
    this.containers = new Containers(store);
    this.report = report;
    this.name = new String(arguments.name(), UTF_8);
    this.container = containers.find(name);
    this.isForRun = arguments.isForRun();
    if (container.settings().mountPoint() == null && !isForRun) {
      throw new CommandFailure(
          container
              + " was made by 'plyfs run' for one program: 'plyfs run' runs another one, and"
              + " 'plyfs rm "
              + container.name()
              + "' removes it");
    }
    byte[] at = arguments.at();
    if (at != null && !isRunning()) {
      byte[] point = GivenPath.absoluteDirectory("mount point", at, CommandFailure.FAILED);
      container = containers.move(container, point, ProgressListener.SILENT);
    } else if (at != null) {
      throw new CommandFailure(
          container + " is running: 'plyfs stop " + container.name() + "' stops it");
    }
  }

  /** The container as it was named, which is printed when it is started. */
  String name() {
    return name;
  }

  boolean isRunning() throws IOException {
    return containers.state(container).isRunning();
  }

  /** Where it is to be mounted. */
  byte[] mountpoint() {
    byte[] point = container.settings().mountPoint();
    return point == null ? GivenPath.bytes(containers.merged(container)) : point;
  }

  /**
   * The mount to make.
   *
   * @throws MountOptionException an option that was given is not known to this version
   */
  MountRequest prepare() throws CommandFailure, MountOptionException {
    byte[] point = GivenPath.absoluteDirectory("mount point", mountpoint(), CommandFailure.FAILED);
    List<byte[]> words = container.settings().options();
    MountOptions options =
        MountOptions.parse(words, Privilege.current())
            .withDefaultSource(container.imageName().getBytes(UTF_8));
    MountedContainer mounted = new MountedContainer(store, container, report);
    MountOptions layered = mounted.with(options);
    for (String notice : layered.notices()) {
      report.notice(notice);
    }
    return new MountRequest(layered, point, ImmutableList.of(name), Remount.words(words), mounted);
  }
}
