package plyfs.union.api;

import plyfs.sys.Stat;

/**
 * What a caller is told of one node: filled by {@code UnionFs}, reused by its owner, one thread at
 * a time.
 */
public final class NodeView {
  private final Stat stat = new Stat();
  public long nodeId;
  public long ino;
  public int nlink;

  /** The node; 0 if the name that was looked up is absent. */
  public long nodeId() {
    return nodeId;
  }

  /**
   * Attributes of the object that holds them now; for {@code ino} and {@code nlink} ask this view
   * instead.
   */
  public Stat stat() {
    return stat;
  }

  /** Inode number that programs see: constant over copy-up, unique over all layers. */
  public long ino() {
    return ino;
  }

  /**
   * Links: 1 for a directory that is merged from several layers, 0 for an object without a name.
   */
  public int nlink() {
    return nlink;
  }
}
