package plyfs.union.name;

import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import plyfs.sys.RankedLock;
import plyfs.union.node.Directory;
import plyfs.union.node.Leaf;
import plyfs.union.node.Node;

/** The locks of directories and names that a rename holds, in the order in which it took them. */
public final class RenameLocks {
  private final Deque<RankedLock> held = new ArrayDeque<>();

  /** Whether names above an object must stand still, for a mark may have to tell them. */
  static boolean needsPaths(Node node) {
    return node.isDirectory() || node.isMetadataOnly();
  }

  /** An ancestor first; of two unrelated directories, the one known first. */
  void parents(Directory one, Directory other) {
    if (one == other) {
      directory(one);
      return;
    }
    boolean oneFirst =
        RenameChecks.isSameOrAncestor(one, other)
            || !RenameChecks.isSameOrAncestor(other, one) && one.serial < other.serial;
    directory(oneFirst ? one : other);
    directory(oneFirst ? other : one);
  }

  /** Of a directory below those that are held already. */
  void directory(Directory directory) {
    RankedLock lock = directory.dirLock;
    RankedLock above = held.peek();
    if (above == null) {
      lock.lock();
    } else {
      lock.lockChildOf(above);
    }
    held.push(lock);
  }

  /** Of files, the one known first first; a directory has one name. */
  void names(Node source, @Nullable Node target) {
    RankedLock above = null;
    boolean targetFirst = target != null && target.serial < source.serial;
    for (Node node :
        new @Nullable Node[] {targetFirst ? target : source, targetFirst ? source : target}) {
      if (!(node instanceof Leaf file)) {
        continue;
      }
      RankedLock lock = file.namesLock();
      if (above == null) {
        lock.lock();
      } else {
        lock.lockChildOf(above);
      }
      above = lock;
      held.push(lock);
    }
  }

  /** Lets all go, the last one first. */
  void unlock() {
    while (!held.isEmpty()) {
      held.pop().unlock();
    }
  }
}
