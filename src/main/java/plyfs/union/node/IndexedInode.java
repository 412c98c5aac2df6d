package plyfs.union.node;

import org.jspecify.annotations.Nullable;
import plyfs.sys.Name;

/**
 * What a mount with an index knows of an inode of a lower layer that has several names there: all
 * of them lead to one node, before copy-up and afterwards. Everything that changes does so under
 * namesLock of the node, or before the node is known.
 */
public final class IndexedInode {
  /** The inode of the lower layer. */
  public final FileKey lower;

  /** How many names it has in the lower layer. */
  public final int lowerLinks;

  /** Name in the index directory; null until it is needed. */
  public volatile @Nullable Name entry;

  /** How many names the union shows, once the inode is in the index. */
  public volatile int links;

  /** Value of the nlink mark on disk; null if there is none that counts. */
  public @Nullable String mark;

  /** Whether a name that is known may be in a lower layer only, to be linked by the next change. */
  public volatile boolean hasLowerNames;

  public IndexedInode(FileKey lower, int lowerLinks, @Nullable Name entry) {
    this.lower = lower;
    this.lowerLinks = lowerLinks;
    this.links = lowerLinks;
    this.entry = entry;
  }
}
