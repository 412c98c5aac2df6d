package plyfs.union.tree;

import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerRef;
import plyfs.layer.LayerStack;
import plyfs.layer.UpperLayer;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;
import plyfs.sys.RankedLock;
import plyfs.sys.Stat;
import plyfs.union.api.IdMapping;
import plyfs.union.api.NodeView;
import plyfs.union.index.IndexedLinks;
import plyfs.union.lookup.Lookup;
import plyfs.union.lookup.UnionEvents;
import plyfs.union.mark.Origin;
import plyfs.union.mark.Protection;
import plyfs.union.node.Directory;
import plyfs.union.node.FileKey;
import plyfs.union.node.Found;
import plyfs.union.node.FoundPool;
import plyfs.union.node.IndexedInode;
import plyfs.union.node.Leaf;
import plyfs.union.node.LowerData;
import plyfs.union.node.Misses;
import plyfs.union.node.Node;
import plyfs.union.node.NodeTable;
import plyfs.union.node.Ranks;
import plyfs.union.number.InodeNumbers;
import plyfs.union.number.ShownNumbers;

/**
 * The names of the union: which node a name in a directory stands for, and what becomes of nodes
 * when names come and go.
 */
public final class Tree {
  public final NodeTable nodes = new NodeTable();
  public final FoundPool pool = new FoundPool();
  public final Lookup lookup;
  public final ShownNumbers shown;
  private final IdMapping ids;
  private final IndexedLinks links;
  private final UnionEvents events;
  private final boolean canChange;
  private final Directory root;

  /** Held while the shape of the tree changes, or must not. */
  public final RankedLock renameLock = new RankedLock(Ranks.RENAME);

  public Tree(
      LayerStack stack,
      Lookup lookup,
      Origin origin,
      InodeNumbers numbers,
      IdMapping ids,
      IndexedLinks links,
      UnionEvents events)
      throws ErrnoException {
    this.lookup = lookup;
    this.events = events;
    this.shown = new ShownNumbers(numbers, origin, lookup, pool, stack.marks(), nodes);
    this.ids = ids;
    this.links = links;
    UpperLayer upper = stack.upper();
    this.canChange = upper != null;
    LayerRef upperRoot = upper == null ? null : upper.root();
    LayerRef[] lowers = lookup.rootLowers();
    Stat stat = LayerStack.rootStat(lowers.length > 0 ? stack.lowers().get(0) : stack.all().get(0));
    this.root = nodes.createRoot(upperRoot, lowers, numbers.of(stat.dev(), stat.ino()));
    root.protection = protectionOf(LayerStack.rootStat(stack.all().get(0)), upper != null);
  }

  Directory root() {
    return root;
  }

  /**
   * The node of a name, with one reference more, the caller's; null if there is no such name.
   * Layers are asked without a lock; only if the directory changed meanwhile they are asked again
   * under its lock.
   */
  public @Nullable Node reference(Directory parent, Name name, Found found) throws ErrnoException {
    return reference(parent, name, found, false, 0);
  }

  /**
   * As {@link #reference}, but a name that was just looked up and is not there is not looked for
   * again.
   */
  public @Nullable Node referenceUnlessMissed(Directory parent, Name name, Found found)
      throws ErrnoException {
    return reference(parent, name, found, true, 0);
  }

  /**
   * As {@link #reference}, of a name that a listing showed.
   *
   * @param firstLower as in {@link Lookup#find(Directory, Name, Found, int)}
   */
  public @Nullable Node referenceListed(Directory parent, Name name, Found found, int firstLower)
      throws ErrnoException {
    return reference(parent, name, found, false, firstLower);
  }

  private @Nullable Node reference(
      Directory parent, Name name, Found found, boolean trustsMisses, int firstLower)
      throws ErrnoException {
    found.isFresh = false; // it may be that of another name
    RankedLock lock = parent.dirLock;
    int version;
    int links = nodes.identities.links();
    lock.lock();
    try {
      Node known = parent.referenceChild(name);
      if (known != null || parent.removed || trustsMisses && missed(parent, name) != null) {
        return known;
      }
      version = parent.version;
    } finally {
      lock.unlock();
    }
    events.find(lookup, parent, name, found, firstLower);
    lock.lock();
    try {
      if (parent.version != version || nodes.identities.links() != links) {
        return referenceLocked(parent, name, found);
      }
      Node known = parent.referenceChild(name);
      if (known != null) {
        return known;
      }
      return found.exists() ? adopt(parent, name, found) : miss(parent, name, found);
    } finally {
      lock.unlock();
    }
  }

  /** As {@link #reference}; caller holds the directory's dirLock. */
  @Nullable Node referenceLocked(Directory parent, Name name, Found found) throws ErrnoException {
    Node known = parent.referenceChild(name);
    if (known != null || parent.removed) {
      return known;
    }
    events.find(lookup, parent, name, found, 0);
    return found.exists() ? adopt(parent, name, found) : null;
  }

  private @Nullable Node miss(Directory parent, Name name, Found found) {
    if (canChange) {
      Misses misses = parent.misses;
      if (misses == null) {
        misses = new Misses();
        parent.misses = misses;
      }
      misses.add(name, found.outcome);
    }
    return null;
  }

  private static Found.@Nullable Outcome missed(Directory parent, Name name) {
    return parent.misses == null ? null : parent.misses.of(name);
  }

  /**
   * What a creator finds under a name: {@link Found#exists} says whether it is taken. Caller holds
   * the directory's dirLock.
   */
  public void findFree(Directory parent, Name name, Found found) throws ErrnoException {
    Found.Outcome known = missed(parent, name);
    if (known == null) {
      lookup.find(parent, name, found);
    } else {
      found.clear();
      found.outcome = known;
    }
  }

  /**
   * Whether lower layers show something under a name that leads to a node, which has to be hidden
   * when the name goes. If the node has its lower object there, they do. Caller holds the
   * directory's dirLock.
   */
  public boolean isInLowers(Directory parent, Name name, Node node, Found found)
      throws ErrnoException {
    return node.upper() == null
        || hasLowerAt(node, parent, name)
        || lookup.isInLowers(parent, name, found);
  }

  private static boolean hasLowerAt(Node node, Directory parent, Name name) {
    LayerRef.Place place = node.lowers.length == 0 ? null : node.lowers[0].place();
    if (place == null || !place.name().equals(name)) {
      return false; // without a lower part, or renamed
    }
    for (LayerRef directory : parent.lowers) {
      if (place.directory() == directory) {
        return true;
      }
    }
    return false;
  }

  /**
   * Makes the node of what was found, or finds it by its other names. Caller holds the directory's
   * dirLock.
   */
  private Node adopt(Directory parent, Name name, Found found) throws ErrnoException {
    FileKey key = identityOf(found);
    Leaf known = key == null ? null : nodes.identities.reference(key);
    Node node;
    if (known != null) {
      known.addAlias(parent, name);
      reachByName(known, parent, name);
      node = known;
    } else {
      found.isFresh = true;
      node = make(parent, name, found);
      if (key != null && !hasOneName(found) && node instanceof Leaf made) {
        node = shareOrRelease(key, made, found);
        node.addAlias(parent, name);
      } else {
        node.setFirstAlias(parent, name);
      }
    }
    putChild(parent, name, node);
    IndexedInode indexed = node.indexed();
    if (indexed != null && found.upper == null) {
      indexed.hasLowerNames = true; // after the name is known
    }
    return node;
  }

  /**
   * Lets an upper object be reached by a name again that is kept by a descriptor, because the last
   * name that was known of it has gone.
   */
  private static void reachByName(Leaf node, Directory parent, Name name) {
    LayerRef upper = node.upper();
    LayerRef directory = parent.upper();
    if (upper == null || directory == null || upper.place() != null) {
      return;
    }
    RankedLock names = node.namesLock();
    names.lock();
    try {
      if (upper.place() == null && upper.layer() instanceof UpperLayer layer) {
        layer.rename(upper, directory, name);
      }
    } finally {
      names.unlock();
    }
  }

  /** As {@link #share}; gives a node up that is not the one, or that cannot be made known. */
  private Leaf shareOrRelease(FileKey key, Leaf made, Found found) throws ErrnoException {
    Leaf shared = null;
    try {
      shared = share(key, made, found);
      return shared;
    } finally {
      if (shared != made) { // another thread was first, under the lock of another directory
        nodes.release(made, 1);
      }
    }
  }

  /** Makes a node known by its inode, or finds the one that is. */
  private Leaf share(FileKey key, Leaf node, Found found) throws ErrnoException {
    FileKey upper = node.indexed() == null ? null : links.attach(node, found.scratch);
    Leaf shared = nodes.identities.share(upper == null ? key : upper, node);
    if (shared == node && node.indexed() != null && upper == null) {
      // Another node of this inode may have been copied up and have gone since the first look.
      upper = links.attach(node, found.scratch);
      if (upper != null) {
        nodes.identities.put(upper, node);
      }
    }
    return shared;
  }

  private Node make(Directory parent, Name name, Found found) throws ErrnoException {
    IndexedInode indexed = links.of(found);
    long ino = shown.of(parent, name, found, indexed);
    Node node = nodes.create(found.stat.type(), found.upper, found.lowerArray(), ino);
    if (node instanceof Leaf leaf) {
      leaf.keepTogether(indexed);
      leaf.setLowerData(found.data);
      leaf.mayCarryMetacopy =
          found.upper != null && found.stat.isRegular() && found.stat.size() == 0;
    }
    node.redirect = found.redirect;
    node.protection = protectionOf(found.stat, found.upper != null);
    node.hasOrigin |= found.hasOrigin;
    shown.made(node);
    return node;
  }

  private static int protectionOf(Stat stat, boolean isUpper) {
    int reported = Protection.of(stat);
    if (isUpper) {
      return reported | Protection.MARK_UNREAD;
    }
    return reported == Protection.NONE ? reported : reported | Protection.REPORTED;
  }

  /**
   * What identifies an object to which other names may lead; null if none does. An upper object
   * with one name left may be known by a name that it has lost.
   */
  private @Nullable FileKey identityOf(Found found) {
    Stat stat = found.stat;
    if (stat.isDirectory()) {
      return null;
    }
    boolean mayBeKnown = found.upper != null && !nodes.identities.isEmpty();
    boolean sharesNode = found.upper != null || !canChange || links.isOn();
    return mayBeKnown || sharesNode && !hasOneName(found)
        ? new FileKey(stat.dev(), stat.ino())
        : null;
  }

  private static boolean hasOneName(Found found) {
    return found.stat.nlink() == 1;
  }

  /** Gives a node a name. Caller holds the directory's dirLock and a reference on it. */
  public void addName(Directory parent, Name name, Node node) {
    know(parent, name, node);
    parent.nameChanged(name);
  }

  private static void know(Directory parent, Name name, Node node) {
    node.addAlias(parent, name);
    putChild(parent, name, node);
  }

  private static void putChild(Directory parent, Name name, Node node) {
    if (parent.putChild(name, node) == null && !parent.tryReference()) {
      throw new IllegalStateException("a directory without references got a child");
    }
  }

  /**
   * Takes a name away. Caller holds the directory's dirLock, and releases the directory once
   * afterwards if this returns true.
   *
   * @param node the node of the name if one is known
   */
  public boolean removeName(Directory parent, Name name, @Nullable Node node) {
    parent.nameChanged(name);
    if (node == null || !parent.removeChild(name, node)) {
      return false;
    }
    node.removeAlias(parent, name);
    return true;
  }

  /**
   * As {@link #view}, of a node just referred to by {@link #reference}: if that fails, the
   * reference is given up.
   */
  public void viewOrRelease(Node node, Found found, NodeView out) throws ErrnoException {
    try {
      viewFound(node, found, out);
    } catch (Throwable e) {
      nodes.release(node, 1);
      throw e;
    }
  }

  /** As {@link #view}, of a node just referred to by {@link #reference}. */
  public void viewFound(Node node, Found found, NodeView out) throws ErrnoException {
    if (found.isFresh && node.upper() == found.upper) {
      out.stat().set(found.stat); // asked just now
      show(node, out);
    } else {
      view(node, out);
    }
  }

  /** Fills in the view of a node. */
  public void view(Node node, NodeView out) throws ErrnoException {
    LayerRef top = node.top();
    if (!top.layer().stat(top, out.stat())) {
      throw ErrnoException.of(Errno.ESTALE);
    }
    shown.told(node, top, out.stat());
    show(node, out);
  }

  /** Makes of the attributes of a node's object, which {@code out} has, those of the node. */
  public void show(Node node, NodeView out) throws ErrnoException {
    LowerData data = node.lowerData();
    if (data != null) {
      showBlocks(data, out);
    }
    ids.show(out.stat());
    out.nodeId = node.id;
    out.ino = node.ino;
    out.nlink = linksOf(node, out.stat());
  }

  private void showBlocks(LowerData data, NodeView out) throws ErrnoException {
    Found found = pool.take();
    try {
      data.putBlocks(out.stat(), found.probe);
    } finally {
      pool.giveBack(found);
    }
  }

  private static int linksOf(Node node, Stat stat) {
    if (node instanceof Directory directory) {
      return directory.removed ? 0 : directory.isMerged() ? 1 : stat.nlink();
    }
    IndexedInode indexed = node.indexed();
    if (indexed != null && node.upper() != null) {
      return indexed.links;
    }
    boolean nameless = node.upper() == null && node.alias() == null;
    return nameless ? 0 : stat.nlink();
  }
}
