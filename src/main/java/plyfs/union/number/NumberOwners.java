package plyfs.union.number;

import plyfs.sys.RankedLock;
import plyfs.union.mark.Origin;
import plyfs.union.node.LongTable;
import plyfs.union.node.Node;
import plyfs.union.node.NodeTable;
import plyfs.union.node.Ranks;

/**
 * Which upper object shows the inode number of a lower one. The mark that says so (see {@link
 * Origin}) is copied with the file if a user copies it in the upper directory between mounts, so
 * that several may claim one number, or the lower object may be visible again. The first that is
 * seen has the number, and every other one another, as long as the mount: otherwise programs would
 * take two files for one.
 *
 * <p>What an upper object shows is remembered also when its node is gone; of lower objects only
 * those count that are known at the time.
 */
public final class NumberOwners {
  private final RankedLock lock = new RankedLock(Ranks.NUMBER_OWNERS);
  private final NodeTable nodes;
  private final InodeNumbers numbers;

  /** By number that is shown: own number of the upper object that shows it. */
  private final LongTable owners = new LongTable();

  /** By own number of upper objects with several names that show another one: that. */
  private final LongTable linked = new LongTable();

  /** Whether an upper object was found that was copied from a lower one. */
  private volatile boolean areAny;

  NumberOwners(NodeTable nodes, InodeNumbers numbers) {
    this.nodes = nodes;
    this.numbers = numbers;
  }

  /**
   * The number that an upper object shows.
   *
   * @param own its own number
   * @param lower that of the lower object from which it says to be copied
   * @param hasLinks whether it has several names
   */
  long ofUpper(long own, long lower, boolean hasLinks) {
    if (numbers.mayRepeat()) {
      return lower;
    }
    lock.lock();
    try {
      begin();
      long shown = choose(own, lower);
      if (hasLinks && shown != own) {
        linked.put(own, shown);
      }
      return shown;
    } finally {
      lock.unlock();
    }
  }

  private long choose(long own, long lower) {
    for (long number = lower; owners.get(number) != 0; number = numbers.insteadOf(number)) {
      if (owners.get(number) == own) {
        return number;
      }
    }
    if (owners.get(own) != own && owners.get(lower) == 0 && !nodes.showLower(lower, null)) {
      owners.put(lower, own);
      return lower;
    }
    owners.put(own, own);
    return own;
  }

  /**
   * Whether an upper object may show another number under a name that was found elsewhere.
   *
   * @param own its own number
   */
  boolean isLinked(long own) {
    if (!areAny) {
      return false;
    }
    lock.lock();
    try {
      return linked.get(own) != 0;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Has an upper object show its own number, whatever it says later to be copied from, unless it
   * shows another one under another name.
   *
   * @return the number that it shows
   */
  long ofUpperInPureDirectory(long own) {
    if (numbers.mayRepeat()) {
      return own;
    }
    lock.lock();
    try {
      begin();
      long shown = linked.get(own);
      if (shown != 0) {
        return shown;
      }
      owners.put(own, own);
      return own;
    } finally {
      lock.unlock();
    }
  }

  private void begin() {
    if (!areAny) {
      areAny = true; // first: a node that is not found from now on asks ofLower
      nodes.findByNumber();
    }
  }

  /**
   * The number that a lower object shows.
   *
   * @param lower its own
   */
  long ofLower(long lower) {
    if (!areAny) {
      return lower;
    }
    lock.lock();
    try {
      long number = lower;
      while (owners.get(number) != 0) {
        number = numbers.insteadOf(number);
      }
      return number;
    } finally {
      lock.unlock();
    }
  }

  /** Whether another node shows the number of this one, which is the same lower object so far. */
  boolean isShared(Node node) {
    return mayKeep() && nodes.showLower(node.ino, node);
  }

  /** Whether there is something from which a number has to be kept. */
  boolean mayKeep() {
    return areAny && !numbers.mayRepeat();
  }

  /** Whether a node shows another number than its lower object has, by {@link #ofLower}. */
  boolean isReplaced(Node node) {
    return mayKeep() && InodeNumbers.isOwn(node.ino);
  }

  /**
   * Has an upper object go on showing a number that it shows as the copy of a lower one.
   *
   * @param own its own number
   */
  void keep(long shown, long own) {
    lock.lock();
    try {
      owners.put(shown, own);
    } finally {
      lock.unlock();
    }
  }
}
