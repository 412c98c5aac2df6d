package plyfs.container;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a container is to be.
 *
 * @param mountPoint absolute; null for one that is only mounted while its program runs
 * @param mounts bind mounts, volumes and tmpfs, in the order in which they are mounted
 * @param options the words of {@code -o} with which its layers are mounted
 * @param labels in order
 * @param run the program; null for a container that is only mounted
 */
public record ContainerSettings(
    byte @Nullable [] mountPoint,
    List<ContainerMount> mounts,
    List<byte[]> options,
    Map<String, String> labels,
    @Nullable RunSettings run) {
  /** The same with other mounts. */
  public ContainerSettings withMounts(List<ContainerMount> newMounts) {
    return new ContainerSettings(mountPoint, newMounts, options, labels, run);
  }

  ContainerSettings at(byte[] newMountPoint) {
    return new ContainerSettings(newMountPoint, mounts, options, labels, run);
  }
}
