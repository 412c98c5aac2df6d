package plyfs.union.number;

import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerRef;
import plyfs.layer.OverlayXattr;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.union.lookup.Lookup;
import plyfs.union.mark.Origin;
import plyfs.union.node.Directory;
import plyfs.union.node.Found;
import plyfs.union.node.FoundPool;
import plyfs.union.node.IndexedInode;
import plyfs.union.node.Node;
import plyfs.union.node.NodeTable;

/**
 * The inode numbers that programs see: for what was copied up, that of the lower object, so that it
 * stays; different files never have the same.
 *
 * <p>An upper object has the number of the lower one only if nothing else can have it: if that has
 * one name, or is in the index; if the directory is one of those whose entries are looked up when
 * they are listed; and if nothing else shows it ({@link NumberOwners}).
 *
 * @implNote Linux fs/overlayfs/inode.c, ovl_getattr, has the rule for lower objects with several
 *     names; where two claim one number, ovl_get_inode refuses the second (ESTALE)
 */
public final class ShownNumbers {
  private final InodeNumbers numbers;
  private final Origin origin;
  private final Lookup lookup;
  private final FoundPool pool;
  private final OverlayXattr marks;
  private final NodeTable nodes;
  private final NumberOwners owners;

  public ShownNumbers(
      InodeNumbers numbers,
      Origin origin,
      Lookup lookup,
      FoundPool pool,
      OverlayXattr marks,
      NodeTable nodes) {
    this.numbers = numbers;
    this.origin = origin;
    this.lookup = lookup;
    this.pool = pool;
    this.marks = marks;
    this.nodes = nodes;
    this.owners = new NumberOwners(nodes, numbers);
  }

  /** Number of an entry of a lower directory that no upper object hides. */
  public long ofLower(long dev, long ino) {
    return owners.ofLower(numbers.of(dev, ino));
  }

  /** Number of an entry of an upper directory without origins; 0 if it has to be looked up. */
  public long ofUpper(long dev, long ino) {
    long own = numbers.of(dev, ino);
    return owners.isLinked(own) ? 0 : own;
  }

  /**
   * Number of what was found. Caller holds the directory's dirLock.
   *
   * @param found learns whether it has an origin
   */
  public long of(Directory parent, Name name, Found found, @Nullable IndexedInode indexed)
      throws ErrnoException {
    if (indexed != null) {
      found.hasOrigin = true;
      return numbers.of(indexed.lower.dev(), indexed.lower.ino());
    }
    long own = numbers.of(found.stat.dev(), found.stat.ino());
    LayerRef upper = found.upper;
    if (upper == null) {
      return own;
    }
    boolean isMerged = !found.lowers.isEmpty();
    byte[] mark = isMerged ? null : origin.markOf(upper);
    if (!isMerged && mark == null) {
      return own;
    }
    if (!looksUpEntries(parent)) {
      found.hasOrigin = true;
      // An entry has the number that a listing gives without a look.
      return owners.ofUpperInPureDirectory(own);
    }
    return mark == null
        ? owners.ofUpper(own, numbers.of(found.lowerDev, found.lowerIno), false)
        : ofCopy(parent, name, found, mark, own);
  }

  private long ofCopy(Directory parent, Name name, Found found, byte[] mark, long own)
      throws ErrnoException {
    Stat lower = found.scratch;
    boolean isKnown =
        origin.isByName()
            ? findByName(parent, name, mark, lower)
            : origin.find(mark, lower) != null;
    if (!isKnown || lower.type() != found.stat.type()) {
      return own; // stale
    }
    found.hasOrigin = true;
    return lower.isDirectory() || lower.nlink() == 1
        ? owners.ofUpper(own, numbers.of(lower.dev(), lower.ino()), found.stat.nlink() > 1)
        : own;
  }

  /**
   * Whether a mark is that of the lower object of the same name; {@code out} has its attributes.
   */
  private boolean findByName(Directory parent, Name name, byte[] mark, Stat out)
      throws ErrnoException {
    Found below = pool.take();
    try {
      if (!lookup.isInLowers(parent, name, below) || !origin.isMarkOf(mark, below.lowers.get(0))) {
        return false;
      }
      out.set(below.stat);
      return true;
    } finally {
      pool.giveBack(below);
    }
  }

  /** See {@code MergedDir}: in other directories an entry shows its own number. */
  private boolean looksUpEntries(Directory directory) throws ErrnoException {
    LayerRef upper = directory.upper();
    if (directory.lowers.length > 0 || directory.impure || upper == null) {
      return true;
    }
    directory.impure = upper.layer().xattr(upper, marks.impure()) != null;
    return directory.impure;
  }

  /** After a node was made of what was found in lower layers alone, and before others know it. */
  public void made(Node node) {
    if (node.upper() == null && node.indexed() == null) {
      long shown = owners.ofLower(node.ino);
      if (shown != node.ino) {
        nodes.changeNumber(node, shown);
      }
    }
  }

  /**
   * Number of a node from now on: another one if copy-up separates it from other names of its lower
   * object, links or such that lead there by two redirects.
   *
   * @param separates whether copy-up separates it from other hard links
   * @param prepared the upper object to be
   */
  public long afterCopyUp(Node node, boolean separates, LayerRef prepared) throws ErrnoException {
    boolean isSeparated = separates || owners.isShared(node);
    if (!isSeparated && !owners.isReplaced(node)) {
      return node.ino;
    }
    Stat stat = new Stat();
    if (!prepared.layer().stat(prepared, stat)) {
      throw ErrnoException.of(Errno.ESTALE);
    }
    long own = numbers.of(stat.dev(), stat.ino());
    long shown = isSeparated ? own : node.ino;
    if (owners.mayKeep()) {
      owners.keep(shown, own);
    }
    return shown;
  }

  /** The copy of a node has got its name. */
  public void copied(Node node, long number) {
    if (node.ino != number) {
      nodes.changeNumber(node, number);
    }
  }

  /**
   * Remembers the number that programs have seen, for the time after the node is freed and found
   * again.
   */
  public void told(Node node, LayerRef top, Stat stat) {
    if (owners.mayKeep()
        && node.lowers.length > 0
        && !node.isNumberKept
        && top == node.upper()
        && node.indexed() == null) {
      owners.keep(node.ino, numbers.of(stat.dev(), stat.ino()));
      node.isNumberKept = true;
    }
  }
}
