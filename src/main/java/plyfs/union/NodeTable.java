package plyfs.union;

import java.util.HashMap;
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
 * <p>An id is {@code generation << 32 | slot}: slot is an index into pages of 4096, and the
 * generation rises each time a slot is used again, so an id never comes back. The root is 1.
 * Finding a node takes no lock.
 */
final class NodeTable {
  static final long ROOT_ID = 1;

  private static final int PAGE_BITS = 12;
  private static final int PAGE_SIZE = 1 << PAGE_BITS;
  private static final int PAGES = 1 << 14;

  private final RankedLock lock = new RankedLock(Ranks.TABLE);
  private final AtomicReferenceArray<@Nullable AtomicReferenceArray<@Nullable Node>> pages =
      new AtomicReferenceArray<>(PAGES);
  private final FreeIds freeIds = new FreeIds();
  private final Map<FileKey, Node> linked = new HashMap<>();

  /** Nodes by the ids that they had before {@link #renumber}. */
  private final Map<Long, Node> former = new ConcurrentHashMap<>();

  private int nextSlot = (int) ROOT_ID;
  private int count;

  /** Makes a node with one reference, the caller's. */
  Node create(int type, @Nullable LayerRef upper, LayerRef[] lowers, long ino)
      throws ErrnoException {
    lock.lock();
    try {
      long reused = freeIds.poll();
      long id = reused != FreeIds.NONE ? reused : freshId();
      Node node = new Node(id, type, upper, lowers, ino);
      node.tryReference();
      pageOf((int) id).set((int) id & PAGE_SIZE - 1, node);
      count++;
      return node;
    } finally {
      lock.unlock();
    }
  }

  private long freshId() throws ErrnoException {
    if (nextSlot == PAGES * PAGE_SIZE) {
      throw ErrnoException.of(Errno.ENFILE);
    }
    return nextSlot++;
  }

  private AtomicReferenceArray<@Nullable Node> pageOf(int slot) {
    AtomicReferenceArray<@Nullable Node> page = pages.get(slot >>> PAGE_BITS);
    if (page == null) {
      page = new AtomicReferenceArray<>(PAGE_SIZE);
      pages.set(slot >>> PAGE_BITS, page);
    }
    return page;
  }

  /**
   * The node of an id.
   *
   * @throws ErrnoException ESTALE if there is none
   */
  Node get(long id) throws ErrnoException {
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
  Node directory(long id) throws ErrnoException {
    Node node = get(id);
    if (node.type != Linux.S_IFDIR) {
      throw ErrnoException.of(Errno.ENOTDIR);
    }
    return node;
  }

  /** The node of an id, or null. */
  @Nullable Node find(long id) {
    int slot = (int) id;
    AtomicReferenceArray<@Nullable Node> page =
        slot < 0 || slot >>> PAGE_BITS >= PAGES ? null : pages.get(slot >>> PAGE_BITS);
    Node node = page == null ? null : page.get(slot & PAGE_SIZE - 1);
    if (node != null && node.id == id) {
      return node;
    }
    return former.isEmpty() ? null : former.get(id);
  }

  /**
   * Gives a node another id, under which it is opened anew; by the old one it is still found, and
   * who has it open there keeps what he has. Nothing happens if another thread was first.
   *
   * @param files those that are left to the old id
   */
  void renumber(Node node, OpenFiles files) throws ErrnoException {
    lock.lock();
    try {
      if (node.openFiles() != files) {
        return;
      }
      long reused = freeIds.poll();
      long id = reused != FreeIds.NONE ? reused : freshId();
      long old = node.id;
      former.put(old, node);
      pageOf((int) id).set((int) id & PAGE_SIZE - 1, node);
      node.id = id; // before the files, so that whoever sees the new ones sees it, too
      node.leaveOpenFiles();
      pageOf((int) old).set((int) old & PAGE_SIZE - 1, null);
    } finally {
      lock.unlock();
    }
  }

  /** How many nodes there are. */
  int size() {
    lock.lock();
    try {
      return count;
    } finally {
      lock.unlock();
    }
  }

  /**
   * The node of an object with several names, referred to by the caller from now on; null if it is
   * not known.
   */
  @Nullable Node referenceLinked(FileKey key) {
    lock.lock();
    try {
      Node node = linked.get(key);
      return node != null && node.tryReference() ? node : null;
    } finally {
      lock.unlock();
    }
  }

  /**
   * As {@link #putLinked} for a node just made, unless another thread was first. A node that an
   * index keeps together is known by its lower inode, too.
   *
   * @return the node of the object, referred to by the caller: {@code node}, or another one
   */
  Node shareLinked(FileKey key, Node node) {
    lock.lock();
    try {
      IndexedInode indexed = node.indexed;
      FileKey shared = indexed == null ? key : indexed.lower;
      Node known = linked.get(shared);
      if (known != null && known.tryReference()) {
        return known;
      }
      linked.put(shared, node);
      linked.put(key, node);
      node.linkKey = key;
      return node;
    } finally {
      lock.unlock();
    }
  }

  /** Makes a node known as that of an object with several names. */
  void putLinked(FileKey key, Node node) {
    lock.lock();
    try {
      linked.put(key, node);
      node.linkKey = key;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes references away and frees what nothing refers to any more, parents included. Caller holds
   * no lock.
   */
  void release(Node node, long references) {
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
  private @Nullable Node free(Node node) {
    Node last = null;
    for (Node.Alias alias : node.aliases()) {
      if (detach(node, alias.parent(), alias.name())) {
        if (last != null) {
          release(last, 1);
        }
        last = alias.parent();
      }
    }
    lock.lock();
    try {
      FileKey key = node.linkKey;
      if (key != null) {
        linked.remove(key, node);
      }
      if (node.indexed != null) {
        linked.remove(node.indexed.lower, node);
      }
      pageOf((int) node.id).set((int) node.id & PAGE_SIZE - 1, null);
      freeIds.add(node.id + (1L << 32));
      if (node.id != node.serial && former.remove(node.serial, node)) {
        freeIds.add(node.serial + (1L << 32));
      }
      count--;
    } finally {
      lock.unlock();
    }
    node.closeKeptFiles();
    for (LayerRef lower : node.lowers) {
      lower.layer().forget(lower);
    }
    LowerData data = node.lowerData();
    if (data != null) {
      data.forget();
    }
    LayerRef upper = node.upper();
    if (upper != null) {
      upper.layer().forget(upper);
    }
    return last;
  }

  private static boolean detach(Node node, Node parent, Name name) {
    RankedLock parentLock = parent.lockOfDirectory();
    parentLock.lock();
    try {
      return parent.removeChild(name, node);
    } finally {
      parentLock.unlock();
    }
  }
}
