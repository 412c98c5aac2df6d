package plyfs.union.node;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import plyfs.sys.RankedLock;

/**
 * The node of each inode of a layer that has several names: one inode has one node as long as the
 * node exists.
 *
 * <p>A node is registered here before its inode gets a second name, and stays until it is freed,
 * whatever happens to the names: a lookup that finds an upper object also asks for its node if the
 * object has one name left. An inode that never had two names is not registered; only its name
 * leads to its node. The upper file system cannot reuse a registered inode number, because a node
 * without names keeps its object open.
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
   * Counts the calls of {@link #linking}. A lookup that saw an inode with one name must repeat its
   * check if a link was made since.
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
