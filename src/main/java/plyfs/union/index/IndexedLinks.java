package plyfs.union.index;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerRef;
import plyfs.layer.OverlayXattr;
import plyfs.layer.UpperLayer;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Loggers;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.union.mark.LinkMark;
import plyfs.union.mark.Origin;
import plyfs.union.mark.Protection;
import plyfs.union.node.BestEffort;
import plyfs.union.node.FileKey;
import plyfs.union.node.Found;
import plyfs.union.node.IndexedInode;
import plyfs.union.node.Leaf;
import plyfs.union.node.LowerData;
import plyfs.union.node.Node;

/**
 * Hard links of lower files that stay together over copy-up: option {@code index=on}. All names of
 * such a file share one node from the beginning. Copy-up puts the upper object into the {@link
 * Index} first and then gives it its names in the upper tree, one at a time; a name that has not
 * been linked yet leads to the upper object through the index.
 *
 * <p>How many names the union shows cannot be read from any inode, so it is kept in the nlink mark
 * ({@link LinkMark}), which is written before the names change. Before a name goes it is linked, so
 * that the name and the count of the upper inode go in one step.
 *
 * <p>In a mount without an index no node has an {@link IndexedInode}, and every method here returns
 * at once.
 *
 * @implNote Linux fs/overlayfs/copy_up.c, ovl_link_up and ovl_do_copy_up; util.c, ovl_nlink_start,
 *     ovl_nlink_end and ovl_cleanup_index
 */
public final class IndexedLinks {
  private static final Logger LOG = Loggers.named("plyfs.union");

  private final @Nullable Index index;
  private final OverlayXattr marks;
  private final Origin origin;

  public IndexedLinks(@Nullable Index index, OverlayXattr marks, Origin origin) {
    this.index = index;
    this.marks = marks;
    this.origin = origin;
  }

  /** Whether names of one lower inode share a node. */
  public boolean isOn() {
    return index != null;
  }

  private Index index() {
    Index there = index;
    if (there == null) {
      throw new IllegalStateException("an indexed inode in a mount without an index");
    }
    return there;
  }

  // Finding

  /**
   * What is to be known of an object that was found; null if it is not one of several links.
   *
   * @param found if its upper object is in the index, that is reached through the index afterwards
   */
  public @Nullable IndexedInode of(Found found) throws ErrnoException {
    if (index == null || found.stat.isDirectory() || found.stat.nlink() < 2) {
      return null;
    }
    if (found.upper == null) {
      FileKey key = new FileKey(found.stat.dev(), found.stat.ino());
      return new IndexedInode(key, found.stat.nlink(), null);
    }
    return index.isEmpty() ? null : ofUpper(index, found, found.upper);
  }

  private @Nullable IndexedInode ofUpper(Index in, Found found, LayerRef upper)
      throws ErrnoException {
    byte[] mark = upper.layer().xattr(upper, marks.origin());
    Stat lower = found.scratch;
    if (mark == null
        || origin.find(mark, lower) == null
        || lower.type() != found.stat.type()
        || lower.nlink() < 2
        || !in.has(Index.nameOf(mark))) {
      return null;
    }
    Name entry = Index.nameOf(mark);
    LayerRef indexed = in.objectOf(entry);
    if (!indexed.layer().stat(indexed, found.probe)
        || found.probe.ino() != found.stat.ino()
        || found.probe.dev() != found.stat.dev()) {
      return null; // copied up without an index
    }
    IndexedInode inode =
        new IndexedInode(new FileKey(lower.dev(), lower.ino()), lower.nlink(), entry);
    readMark(inode, indexed, found.stat);
    found.upper = indexed;
    return inode;
  }

  private void readMark(IndexedInode inode, LayerRef object, Stat stat) throws ErrnoException {
    byte[] mark = object.layer().xattr(object, marks.nlink());
    inode.mark = LinkMark.text(mark);
    inode.links = LinkMark.links(mark, inode.lowerLinks, stat.nlink(), stat.nlink());
  }

  /**
   * Gives a node without an upper object the one that the index has for it.
   *
   * @return device and inode of it; null if the index has none
   * @throws ErrnoException EIO if the entry is of another type
   */
  public @Nullable FileKey attach(Leaf node, Stat scratch) throws ErrnoException {
    IndexedInode inode = node.indexed();
    if (inode == null || node.upper() != null || index().isEmpty()) {
      return null;
    }
    Name entry = entryOf(node, inode);
    if (!index().has(entry)) {
      return null;
    }
    LayerRef object = index().objectOf(entry);
    if (!object.layer().stat(object, scratch) || scratch.type() != node.type) {
      throw ErrnoException.of(Errno.EIO);
    }
    readMark(inode, object, scratch);
    boolean hasDataBelow =
        scratch.isRegular()
            && scratch.size() > 0
            && object.layer().xattr(object, marks.metacopy()) != null;
    if (hasDataBelow && node.lowerData() == null) {
      node.setLowerData(LowerData.at(node.lowers[0])); // copied up without it
    }
    node.protection = Protection.of(scratch) | Protection.MARK_UNREAD;
    node.setUpper(object);
    if (!hasDataBelow) {
      node.setLowerData(null); // of a lower file that holds attributes alone
    }
    return new FileKey(scratch.dev(), scratch.ino());
  }

  private Name entryOf(Node node, IndexedInode inode) throws ErrnoException {
    Name entry = inode.entry;
    if (entry == null) {
      entry = index().nameOf(node.lowers[0]);
      inode.entry = entry;
    }
    return entry;
  }

  // Copy-up

  /**
   * Commits a copy-up of a node that is one of several links, by giving the object its name in the
   * index. Caller holds copyUpLock of the node.
   */
  public void commit(UpperLayer layer, Node node, LayerRef prepared) throws ErrnoException {
    IndexedInode inode = node.indexed();
    if (inode == null) {
      throw new IllegalStateException("not one of several links: " + node);
    }
    Name entry = entryOf(node, inode);
    write(layer, prepared, inode, LinkMark.againstLower(0));
    try {
      layer.publish(prepared, index().directory(), entry);
    } catch (ErrnoException e) {
      inode.mark = null;
      throw e.errno() == Errno.EEXIST ? ErrnoException.of(Errno.EIO) : e;
    }
    index().added(entry);
    inode.hasLowerNames = true;
    node.setUpper(prepared);
  }

  /**
   * Prepares for a name of an upper object in the upper tree, which it has without being counted:
   * what is on disk stays true if nothing more happens. Caller holds namesLock of the node.
   *
   * @param upper the object of the index entry
   */
  public void beforeNameComesUp(UpperLayer layer, LayerRef upper, IndexedInode inode)
      throws ErrnoException {
    write(layer, upper, inode, LinkMark.againstLower(inode.links - inode.lowerLinks));
  }

  /** After {@link #beforeNameComesUp} and the name. */
  public void afterNameCameUp(UpperLayer layer, LayerRef upper, IndexedInode inode) {
    BestEffort.run(
        () -> writeAgainstUpper(layer, upper, inode), "write the link count of an upper file");
  }

  // Names

  /**
   * Prepares for one name more or less in the upper tree: what is on disk stays true over the
   * change. Caller holds namesLock of the node.
   */
  public void beforeNamesChange(UpperLayer layer, Leaf node) throws ErrnoException {
    IndexedInode inode = node.indexed();
    LayerRef upper = node.upper();
    if (inode != null && upper != null) {
      writeAgainstUpper(layer, upper, inode);
    }
  }

  /** A name was made. Caller holds namesLock of the node. */
  public void nameAdded(Leaf node) {
    IndexedInode inode = node.indexed();
    if (inode != null) {
      setLinks(inode, inode.links + 1);
    }
  }

  /**
   * A name has gone; with the last one the entry of the index goes, too. Caller holds namesLock of
   * the node.
   */
  public void nameGone(UpperLayer layer, Leaf node) {
    IndexedInode inode = node.indexed();
    LayerRef upper = node.upper();
    if (inode == null || upper == null) {
      return;
    }
    setLinks(inode, Math.max(0, inode.links - 1));
    if (inode.links == 0) {
      // A failure loses nothing: an entry without names goes at the next mount.
      BestEffort.run(() -> endEntry(layer, node, inode, upper), "remove an entry of the index");
    }
  }

  private void endEntry(UpperLayer layer, Leaf node, IndexedInode inode, LayerRef upper)
      throws ErrnoException {
    Stat stat = new Stat();
    if (layer.stat(upper, stat) && stat.nlink() > 1) {
      // A lower name was added while this was mounted, and its removal was counted here.
      LOG.log(Level.WARNING, "{0} has more names than its link count says", node);
      setLinks(inode, stat.nlink() - 1);
      writeAgainstUpper(layer, upper, inode);
      return;
    }
    Name entry = entryOf(node, inode);
    layer.keep(upper); // who has it open goes on using it
    layer.unlink(index().directory(), entry);
    index().removed(entry);
  }

  private static void setLinks(IndexedInode inode, int links) {
    inode.links = links; // under namesLock, so no other change is lost
  }

  private void writeAgainstUpper(UpperLayer layer, LayerRef upper, IndexedInode inode)
      throws ErrnoException {
    Stat stat = new Stat();
    if (!layer.stat(upper, stat)) {
      throw ErrnoException.of(Errno.ESTALE);
    }
    write(layer, upper, inode, LinkMark.againstUpper(inode.links - stat.nlink()));
  }

  private void write(UpperLayer layer, LayerRef object, IndexedInode inode, String mark)
      throws ErrnoException {
    if (!mark.equals(inode.mark)) {
      layer.setXattr(object, marks.nlink(), mark.getBytes(US_ASCII), 0);
      inode.mark = mark;
    }
  }
}
