package plyfs.union;

import com.google.common.primitives.Longs;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import plyfs.layer.Layer;
import plyfs.layer.LayerStack;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Loggers;
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
  private static final Logger LOG = Loggers.named("plyfs.union");

  private static final int NUMBER_BITS = 56;
  private static final long NUMBER_MASK = (1L << NUMBER_BITS) - 1;

  /** File system number of the numbers that are given out here. */
  private static final long OWN = 0xffL << NUMBER_BITS;

  private static final int MOST_FILE_SYSTEMS = 0xff;

  /** Stands for all, in the place of a device. */
  private static final long NO_DEVICE = -1;

  private final RankedLock lock = new RankedLock(Ranks.TABLE);
  private final long[] devices;
  private final InodeNumbering numbering;
  private final Map<FileKey, Long> wide = new HashMap<>();

  /**
   * Numbers for some layers.
   *
   * @throws ErrnoException EOVERFLOW if they are to be persistent and cannot
   */
  InodeNumbers(List<Layer> layers, InodeNumbering numbering) throws ErrnoException {
    this.numbering = numbering;
    List<Long> distinct = new ArrayList<>();
    for (Layer layer : layers) {
      if (!distinct.contains(layer.device())) {
        distinct.add(layer.device());
      }
    }
    devices = Longs.toArray(distinct);
    if (numbering == InodeNumbering.ON && devices.length > 1) {
      for (Layer layer : layers) {
        if (place(layer.device(), LayerStack.rootStat(layer).ino()) < 0) {
          throw ErrnoException.of(Errno.EOVERFLOW);
        }
      }
    }
  }

  /** Number of an object's file system if that and its own fit into one number; else -1. */
  private int place(long dev, long ino) {
    if ((ino & ~NUMBER_MASK) == 0) {
      for (int i = 0; i < devices.length && i < MOST_FILE_SYSTEMS; i++) {
        if (devices[i] == dev) {
          return i;
        }
      }
    }
    return -1;
  }

  /** Whether different objects may have one number, because that was asked for. */
  boolean mayRepeat() {
    return numbering == InodeNumbering.OFF && devices.length > 1;
  }

  /** A number of its own for an object whose number another one shows, as long as the mount. */
  long insteadOf(long number) {
    lock.lock();
    try {
      return own(new FileKey(NO_DEVICE, number));
    } finally {
      lock.unlock();
    }
  }

  /** Whether a number may be one that was given out here. */
  static boolean isOwn(long number) {
    return (number & OWN) == OWN;
  }

  private long own(FileKey object) {
    return wide.computeIfAbsent(object, key -> OWN | wide.size() + 1L);
  }

  /** The number that programs see for an object of a layer. */
  long of(long dev, long ino) {
    if (numbering == InodeNumbering.OFF || devices.length == 1 && dev == devices[0]) {
      return ino;
    }
    int place = place(dev, ino);
    if (place >= 0) {
      return (long) place << NUMBER_BITS | ino;
    }
    // A foreign device inside a layer (a btrfs subvolume), or a number that uses the upper bits.
    lock.lock();
    try {
      if (numbering == InodeNumbering.ON && wide.isEmpty()) {
        LOG.log(
            Level.WARNING,
            "inode number {0} of a layer has no room for its file system: objects like this one"
                + " have other numbers at the next mount, in spite of xino=on",
            Long.toUnsignedString(ino));
      }
      return own(new FileKey(dev, ino));
    } finally {
      lock.unlock();
    }
  }
}
