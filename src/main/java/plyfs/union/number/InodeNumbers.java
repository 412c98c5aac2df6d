package plyfs.union.number;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import plyfs.layer.Layer;
import plyfs.layer.LayerStack;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Loggers;
import plyfs.sys.RankedLock;
import plyfs.union.api.InodeNumbering;
import plyfs.union.node.FileKey;
import plyfs.union.node.Ranks;

/**
 * Inode numbers that are unique over all layers. Layers on one file system keep their own numbers.
 * With several, the upper eight bits are a place of this table, and the others the lower 56 bits of
 * the number:
 *
 * <ol>
 *   <li>each file system of a layer has its place in the stack, for numbers of at most 56 bits:
 *       these are the same at the next mount;
 *   <li>other pairs of a file system (a btrfs subvolume inside a layer) and upper eight bits get a
 *       place when the first number of theirs is asked for, and keep it as long as the mount;
 *   <li>when all places are taken, blocks of 16,777,216 numbers that follow each other get a number
 *       in the last place, in the same way.
 * </ol>
 *
 * <p>So the table grows with the file systems and the spread of their numbers, not with their
 * files: a block is 4 GiB of disk or more for file systems that number inodes by their place on it.
 * Only numbers that fill all 64 bits at random take an entry each, and of these only the few whose
 * upper bits found no place.
 *
 * @implNote Linux fs/overlayfs/inode.c, ovl_map_dev_ino, and "Inode properties" of overlayfs.rst
 *     (xino)
 */
public final class InodeNumbers {
  private static final Logger LOG = Loggers.named("plyfs.union");

  private static final int NUMBER_BITS = 56;
  private static final long NUMBER_MASK = (1L << NUMBER_BITS) - 1;

  /** Place of the blocks. */
  private static final long BLOCKS = 0xffL << NUMBER_BITS;

  private static final int BLOCK_BITS = 24;
  private static final long BLOCK_MASK = (1L << BLOCK_BITS) - 1;

  private static final int MOST_PLACES = 0xff;

  /** Stands for all, in the place of a device. */
  private static final long NO_DEVICE = -1;

  private final RankedLock lock = new RankedLock(Ranks.TABLE);
  private final int layerDevices;
  private final InodeNumbering numbering;

  /** Whose place each is; replaced when one is added. */
  private volatile Place[] places;

  /** Numbers of blocks, by file system and number of the block there. */
  private final Map<FileKey, Long> blocks = new HashMap<>();

  private boolean hasComplained;

  /** One file system, and the upper eight bits of the numbers that have this place. */
  private record Place(long dev, int upperBits) {}

  /**
   * Numbers for some layers.
   *
   * @throws ErrnoException EOVERFLOW if they are to be persistent and cannot
   */
  public InodeNumbers(List<Layer> layers, InodeNumbering numbering) throws ErrnoException {
    this.numbering = numbering;
    List<Place> distinct = new ArrayList<>();
    Set<Long> devices = new HashSet<>();
    for (Layer layer : layers) {
      if (devices.add(layer.device()) && distinct.size() < MOST_PLACES) {
        distinct.add(new Place(layer.device(), 0));
      }
    }
    layerDevices = devices.size();
    places = distinct.toArray(new Place[0]);
    if (numbering == InodeNumbering.ON && layerDevices > 1) {
      for (Layer layer : layers) {
        if (place(layer.device(), LayerStack.rootStat(layer).ino()) < 0) {
          throw ErrnoException.of(Errno.EOVERFLOW);
        }
      }
    }
  }

  /** The place of a number of a file system; -1 if it has none. */
  private int place(long dev, long ino) {
    int upperBits = (int) (ino >>> NUMBER_BITS);
    Place[] known = places;
    for (int i = 0; i < known.length; i++) {
      if (known[i].dev == dev && known[i].upperBits == upperBits) {
        return i;
      }
    }
    return -1;
  }

  /** Whether different objects may have one number, because that was asked for. */
  boolean mayRepeat() {
    return numbering == InodeNumbering.OFF && layerDevices > 1;
  }

  /** A number of its own for an object whose number another one shows, as long as the mount. */
  long insteadOf(long number) {
    lock.lock();
    try {
      return inBlock(NO_DEVICE, number);
    } finally {
      lock.unlock();
    }
  }

  /** Whether a number may be one that was given out here. */
  static boolean isOwn(long number) {
    return (number & BLOCKS) == BLOCKS;
  }

  private long inBlock(long dev, long ino) {
    FileKey block = new FileKey(dev, ino >>> BLOCK_BITS);
    long number = blocks.computeIfAbsent(block, key -> (long) blocks.size());
    return BLOCKS | number << BLOCK_BITS | ino & BLOCK_MASK;
  }

  /** The number that programs see for an object of a layer. */
  public long of(long dev, long ino) {
    if (numbering == InodeNumbering.OFF || layerDevices == 1 && dev == places[0].dev) {
      return ino;
    }
    int place = place(dev, ino);
    return place >= 0 ? at(place, ino) : ofNewPlaceOrBlock(dev, ino);
  }

  private static long at(int place, long ino) {
    return (long) place << NUMBER_BITS | ino & NUMBER_MASK;
  }

  private long ofNewPlaceOrBlock(long dev, long ino) {
    lock.lock();
    try {
      int place = place(dev, ino);
      if (place < 0 && places.length < MOST_PLACES) {
        complainOnce(ino);
        place = add(new Place(dev, (int) (ino >>> NUMBER_BITS)));
      }
      if (place >= 0) {
        return at(place, ino);
      }
      complainOnce(ino);
      return inBlock(dev, ino);
    } finally {
      lock.unlock();
    }
  }

  private int add(Place place) {
    Place[] known = places;
    Place[] more = Arrays.copyOf(known, known.length + 1);
    more[known.length] = place;
    places = more;
    return known.length;
  }

  private void complainOnce(long ino) {
    if (numbering == InodeNumbering.ON && !hasComplained) {
      hasComplained = true;
      LOG.log(
          Level.WARNING,
          "inode number {0} of a layer leaves no room for the number of its file system:"
              + " such objects get other inode numbers at the next mount, in spite of xino=on",
          Long.toUnsignedString(ino));
    }
  }

  /** How many entries the table has. */
  public int size() {
    lock.lock();
    try {
      return places.length + blocks.size();
    } finally {
      lock.unlock();
    }
  }
}
