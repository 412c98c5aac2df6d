package plyfs.union.copyup;

import plyfs.layer.LayerRef;
import plyfs.sys.Stat;
import plyfs.union.api.UnionOptions;
import plyfs.union.node.Node;

/**
 * What a copy-up is about, and what follows from that: {@link CopyUp} does it, and {@code
 * Forecaster} tells of it beforehand.
 *
 * @param node what is copied
 * @param lower its topmost lower object
 * @param source attributes of that, filled in before anything is asked
 * @param size bytes to copy, {@link CopyUp#WHOLE}, or {@link CopyUp#METADATA} for attributes alone
 */
public record CopyUpScope(Node node, LayerRef lower, Stat source, long size) {
  /**
   * The scope of the next copy-up of a node that has no upper object.
   *
   * @param size as it is asked for: attributes alone only where the mount may leave data below
   */
  public static CopyUpScope of(Node node, long size, UnionOptions options) {
    long wanted = size == CopyUp.METADATA && !options.metacopy() ? CopyUp.WHOLE : size;
    return new CopyUpScope(node, node.lowers[0], new Stat(), wanted);
  }

  /** Whether the upper object gets the attributes alone. */
  public boolean leavesDataBelow() {
    return size == CopyUp.METADATA && source.isRegular() && source.size() > 0;
  }

  /** Whether the copy is a truncation. */
  boolean isTruncation() {
    return size >= 0;
  }

  /** Bytes that the upper file will show. */
  public long sizeOfResult() {
    return isTruncation() ? size : source.size();
  }

  /**
   * Without an index a lower file with several names is separated from the others by copy-up, so it
   * has no origin to keep the number of.
   */
  public boolean isSeparated() {
    return !source.isDirectory() && source.nlink() > 1 && node.indexed() == null;
  }
}
