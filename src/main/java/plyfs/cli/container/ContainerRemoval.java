package plyfs.cli.container;

import java.io.IOException;
import java.nio.file.Path;
import plyfs.cli.GivenPath;
import plyfs.cli.MountLog;
import plyfs.container.Container;
import plyfs.container.Containers;
import plyfs.sys.ErrnoException;

/** Removes containers with what belongs to them outside the store. */
final class ContainerRemoval {
  private ContainerRemoval() {}

  /**
   * Removes one.
   *
   * @param withVolumes whether its volumes without a name go, too
   * @return bytes of its files
   */
  static long remove(Containers containers, Container container, boolean withVolumes)
      throws IOException, ErrnoException {
    Path root = containers.merged(container);
    Path parent = root.resolveSibling("").toRealPath();
    long bytes = containers.remove(container.id(), withVolumes, ContainerNotices.SHOWN);
    if (container.settings().mountPoint() == null) {
      // 'plyfs run' mounted it in the store, at a place that no other mount ever has.
      MountLog.remove(GivenPath.bytes(parent.resolve("merged")));
    }
    return bytes;
  }
}
