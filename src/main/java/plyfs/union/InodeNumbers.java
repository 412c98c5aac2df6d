package plyfs.union;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import plyfs.layer.Layer;
import plyfs.sys.RankedLock;

/**
 * Inode numbers that are unique over all layers. Layers on one file system keep their own numbers;
 * with several, the place of the file system in the stack goes into the upper eight bits. A number
 * that has no room for them gets one of its own, kept as long as the mount.
 *
 * @implNote Linux fs/overlayfs/inode.c, ovl_map_dev_ino, and "Inode properties" of overlayfs.rst
 *     (xino)
 */
final class InodeNumbers {
  private static final int NUMBER_BITS = 56;
  private static final long NUMBER_MASK = (1L << NUMBER_BITS) - 1;

  /** File system number of the numbers that are given out here. */
  private static final long OWN = 0xffL << NUMBER_BITS;

  private final RankedLock lock = new RankedLock(Ranks.TABLE);
  private final long[] devices;
  private final Map<FileKey, Long> wide = new HashMap<>();

  InodeNumbers(List<Layer> layers) {
    List<Long> distinct = new ArrayList<>();
    for (Layer layer : layers) {
      if (!distinct.contains(layer.device())) {
        distinct.add(layer.device());
      }
    }
    devices = distinct.stream().mapToLong(Long::longValue).toArray();
  }

  /** The number that programs see for an object of a layer. */
  long of(long dev, long ino) {
    if (devices.length == 1 && dev == devices[0]) {
      return ino;
    }
    if ((ino & ~NUMBER_MASK) == 0) {
      for (int i = 0; i < devices.length && i < 0xff; i++) {
        if (devices[i] == dev) {
          return (long) i << NUMBER_BITS | ino;
        }
      }
    }
    // A foreign device inside a layer (a btrfs subvolume), or a number that uses the upper bits.
    lock.lock();
    try {
      return wide.computeIfAbsent(new FileKey(dev, ino), key -> OWN | wide.size() + 1L);
    } finally {
      lock.unlock();
    }
  }
}
