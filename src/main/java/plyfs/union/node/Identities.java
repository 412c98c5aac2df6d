package plyfs.union.node;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import plyfs.sys.RankedLock;

/**
 * Which node stands for an inode of a layer to which more than one name leads: one inode, one node,
 * as long as anybody knows it.
 *
 * <p>A node is in here from the moment at which its inode has, or is about to get, a second name,
 * until the node is gone, whatever becomes of the names: who finds an upper object asks for its
 * node also when it has one name left. An inode that never had two is not in here; only its name
 * leads to it. A number that the upper file system gives to another inode cannot be met here,
 * because a node without names keeps its object open.
 */
public final class Identities {
  private final RankedLock lock = new RankedLock(Ranks.TABLE);
  private Map<FileKey, Leaf> nodes = new HashMap<>();
  private volatile boolean isEmpty = true;
  private volatile int links;

  /** Whether no inode has a second name, as far as is known. */
  public boolean isEmpty() {
    return isEmpty;
  }

  /**
   * Counts the calls of {@link #linking}: who saw an inode with one name, and finds that another
   * link was made since, has to look again.
   */
  public int links() {
    return links;
  }

  /** The node of an inode, referred to by the caller from now on; null if it is not known. */
  public @Nullable Leaf reference(FileKey inode) {
    lock.lock();
    try {
      return referenceLocked(inode);
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Leaf referenceLocked(FileKey inode) {
    Leaf node = nodes.get(inode);
    return node != null && node.tryReference() ? node : null;
  }

  /**
   * Makes a node known as that of its inode, unless another thread was first. A node that an index
   * keeps together is known by its lower inode, too.
   *
   * @return the node of the inode, referred to by the caller: {@code node}, or another one
   */
  public Leaf share(FileKey inode, Leaf node) {
    lock.lock();
    try {
      IndexedInode indexed = node.indexed();
      FileKey shared = indexed == null ? inode : indexed.lower;
      Leaf known = referenceLocked(shared);
      if (known != null) {
        return known;
      }
      nodes.put(shared, node);
      putLocked(inode, node);
      return node;
    } finally {
      lock.unlock();
    }
  }

  /** Makes a node known as that of its inode. */
  public void put(FileKey inode, Leaf node) {
    lock.lock();
    try {
      putLocked(inode, node);
    } finally {
      lock.unlock();
    }
  }

  /** As {@link #put}, before the inode gets a name more. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // the lock is held
  public void linking(FileKey inode, Leaf node) {
    lock.lock();
    try {
      putLocked(inode, node);
      links++;
    } finally {
      lock.unlock();
    }
  }

  private void putLocked(FileKey inode, Leaf node) {
    nodes.put(inode, node);
    node.identity = inode;
    isEmpty = false;
  }

  /** Forgets a node that is gone. */
  void forget(Leaf node) {
    if (isEmpty) {
      return;
    }
    lock.lock();
    try {
      if (node.identity != null) {
        nodes.remove(node.identity, node);
      }
      if (node.indexed() != null) {
        nodes.remove(node.indexed().lower, node);
      }
      isEmpty = nodes.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /** Gives back the memory of nodes that are gone. */
  void trim() {
    lock.lock();
    try {
      nodes = new HashMap<>(nodes);
    } finally {
      lock.unlock();
    }
  }
}
