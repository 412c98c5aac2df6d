package plyfs.union.node;

import java.util.BitSet;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerRef;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.RankedLock;

/**
 * All nodes that something refers to, by id.
 *
 * <p>An id has a slot and a generation ({@link NodeIds}): the slot is an index into pages, and the
 * node there has that id or another generation of it. The root is 1. Finding a node takes no lock.
 */
public final class NodeTable {
  public static final long ROOT_ID = 1;

  private final RankedLock lock = new RankedLock(Ranks.TABLE);
  private final AtomicReferenceArray<@Nullable AtomicReferenceArray<@Nullable Node>> pages =
      new AtomicReferenceArray<>(NodeIds.PAGES);
  private final NodeIds ids = new NodeIds();

  /** The nodes of objects that several names lead to. */
  public final Identities identities = new Identities();

  /** Nodes by the ids that they had before {@link #renumber}. */
  private final Map<Long, Node> former = new ConcurrentHashMap<>();

  private int count;

  /** Null until it is needed. */
  private @Nullable NodesByNumber byNumber;

  /**
   * Makes a node with one reference, the caller's.
   *
   * @throws ErrnoException ENFILE if there is no id for it
   */
  public Node create(int type, @Nullable LayerRef upper, LayerRef[] lowers, long ino)
      throws ErrnoException {
    return create(reserve(), type, upper, lowers, ino);
  }

  /** As {@link #create(int, LayerRef, LayerRef[], long)}, of the root. */
  public Directory createRoot(@Nullable LayerRef upper, LayerRef[] lowers, long ino)
      throws ErrnoException {
    if (create(Linux.S_IFDIR, upper, lowers, ino) instanceof Directory root) {
      return root;
    }
    throw new IllegalStateException("the root is no directory");
  }

  /**
   * Reserves an id for a new node: a caller that first changes a layer and then creates the node
   * must not fail in between.
   *
   * @return for {@link #create(long, int, LayerRef, LayerRef[], long)} or {@link #giveBack}
   * @throws ErrnoException ENFILE
   */
  public long reserve() throws ErrnoException {
    lock.lock();
    try {
      return ids.take();
    } finally {
      lock.unlock();
    }
  }

  /** Ends a reservation of which no node was made. */
  public void giveBack(long reserved) {
    lock.lock();
    try {
      ids.giveBack(reserved);
    } finally {
      lock.unlock();
    }
  }

  /** As {@link #create(int, LayerRef, LayerRef[], long)}, under an id that was reserved. */
  public Node create(long id, int type, @Nullable LayerRef upper, LayerRef[] lowers, long ino) {
    lock.lock();
    try {
      Node node = Node.of(id, type, upper, lowers, ino);
      node.tryReference();
      set(id, node);
      count++;
      if (byNumber != null) {
        byNumber.add(node);
      }
      return node;
    } finally {
      lock.unlock();
    }
  }

  private AtomicReferenceArray<@Nullable Node> pageOf(long id) {
    int index = NodeIds.pageOf(id);
    AtomicReferenceArray<@Nullable Node> page = pages.get(index);
    if (page == null) {
      page = new AtomicReferenceArray<>(NodeIds.PAGE_SIZE);
      pages.set(index, page);
    }
    return page;
  }

  private void set(long id, @Nullable Node node) {
    pageOf(id).set((int) id & NodeIds.PAGE_SIZE - 1, node);
  }

  /**
   * The node of an id.
   *
   * @throws ErrnoException ESTALE if there is none
   */
  public Node get(long id) throws ErrnoException {
    Node node = find(id);
    if (node == null) {
      throw ErrnoException.of(Errno.ESTALE);
    }
    return node;
  }

  /**
   * The directory of an id.
   *
   * @throws ErrnoException ESTALE, ENOTDIR
   */
  public Directory directory(long id) throws ErrnoException {
    if (get(id) instanceof Directory directory) {
      return directory;
    }
    throw ErrnoException.of(Errno.ENOTDIR);
  }

  /** The node of an id, or null. */
  public @Nullable Node find(long id) {
    AtomicReferenceArray<@Nullable Node> page =
        NodeIds.pageOf(id) >= NodeIds.PAGES ? null : pages.get(NodeIds.pageOf(id));
    Node node = page == null ? null : page.get((int) id & NodeIds.PAGE_SIZE - 1);
    if (node != null && node.id == id) {
      return node;
    }
    return former.isEmpty() ? null : former.get(id);
  }

  /**
   * Gives a node another id, under which it is opened again. The old id still leads to it, and
   * opens under the old id keep their files. Has no effect if another thread was first.
   *
   * @param files those that are left to the old id
   */
  public void renumber(Leaf node, OpenFiles files) throws ErrnoException {
    lock.lock();
    try {
      if (node.openFiles() != files) {
        return;
      }
      long id = ids.take();
      long old = node.id;
      former.put(old, node);
      set(id, node);
      node.id = id; // before the files, so that a thread that sees the new files also sees the id
      node.leaveOpenFiles();
      set(old, null);
    } finally {
      lock.unlock();
    }
  }

  /** From now on {@link #showLower} may be asked. */
  public void findByNumber() {
    lock.lock();
    try {
      NodesByNumber made = new NodesByNumber();
      for (int index = 0; index < NodeIds.PAGES; index++) {
        AtomicReferenceArray<@Nullable Node> page = pages.get(index);
        for (int i = 0; page != null && i < NodeIds.PAGE_SIZE; i++) {
          Node node = page.get(i);
          if (node != null) {
            made.add(node);
          }
        }
      }
      byNumber = made;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Whether a node with a lower object shows an inode number.
   *
   * @param except one that does not count
   */
  public boolean showLower(long number, @Nullable Node except) {
    lock.lock();
    try {
      return byNumber != null && byNumber.has(number, except);
    } finally {
      lock.unlock();
    }
  }

  /** Gives a node another inode number to show. */
  public void changeNumber(Node node, long number) {
    lock.lock();
    try {
      NodesByNumber all = byNumber;
      if (all != null) {
        all.remove(node);
      }
      node.ino = number;
      if (all != null && !node.isFreed()) {
        all.add(node);
      }
    } finally {
      lock.unlock();
    }
  }

  /** How many nodes there are. */
  public int size() {
    lock.lock();
    try {
      return count;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes references away and frees what nothing refers to any more, parents included. Caller holds
   * no lock.
   */
  public void release(Node node, long references) {
    Node next = node;
    long leaving = references;
    while (next != null && next.release(leaving)) {
      next = free(next);
      leaving = 1;
    }
  }

  /**
   * Frees a node; its parent if that lost a child by it, which the caller has to release. Others
   * are released here.
   */
  private @Nullable Directory free(Node node) {
    Directory last = null;
    for (Node.Alias alias : node.aliases()) {
      if (detach(node, alias.parent(), alias.name())) {
        if (last != null) {
          release(last, 1);
        }
        last = alias.parent();
      }
    }
    if (node instanceof Leaf leaf) {
      identities.forget(
          leaf); // before the upper object, because its inode number may then be reused
    }
    lock.lock();
    try {
      set(node.id, null);
      if (byNumber != null) {
        byNumber.remove(node);
      }
      ids.giveBack(node.id);
      if (node.id != node.serial && former.remove(node.serial, node)) {
        ids.giveBack(node.serial);
      }
      count--;
    } finally {
      lock.unlock();
    }
    node.forgetObjects();
    return last;
  }

  /**
   * Gives back the memory that nodes took which are gone. To be called when many have gone, and the
   * mount has come to rest: it looks at all nodes that there are, and all ids that were used.
   * Caller holds no lock.
   */
  public void trim() {
    lock.lock();
    try {
      BitSet idle = ids.trim();
      for (int page = idle.nextSetBit(0); page >= 0; page = idle.nextSetBit(page + 1)) {
        pages.set(page, null);
      }
      if (byNumber != null) {
        byNumber.trim();
      }
    } finally {
      lock.unlock();
    }
    identities.trim();
    for (int index = 0; index < NodeIds.PAGES; index++) {
      AtomicReferenceArray<@Nullable Node> page = pages.get(index);
      for (int i = 0; page != null && i < NodeIds.PAGE_SIZE; i++) {
        trimChildren(page.get(i));
      }
    }
  }

  private static void trimChildren(@Nullable Node node) {
    if (!(node instanceof Directory directory)) {
      return;
    }
    directory.dirLock.lock();
    try {
      directory.trimChildren();
    } finally {
      directory.dirLock.unlock();
    }
  }

  private static boolean detach(Node node, Directory parent, Name name) {
    parent.dirLock.lock();
    try {
      return parent.removeChild(name, node);
    } finally {
      parent.dirLock.unlock();
    }
  }
}
