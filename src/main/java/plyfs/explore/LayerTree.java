package plyfs.explore;

import com.google.common.collect.ImmutableList;
import org.jspecify.annotations.Nullable;

/**
 * What each layer adds, changes and deletes, and which bytes of it are wasted. Paths are
 * ISO-8859-1, one character for each byte, from the root of the mount. Layers are identified by
 * their index: 0 for the upper layer, 1 for the topmost lower layer.
 *
 * @param explored the layers
 * @param layers the lowest first
 * @param wasted files that a layer contains and the union does not show, the largest first
 */
public record LayerTree(
    ExploredLayers explored, ImmutableList<OneLayer> layers, ImmutableList<Wasted> wasted) {
  /**
   * One layer.
   *
   * @param bytes bytes of its regular files, each inode counted once
   * @param changes ordered by name
   */
  public record OneLayer(int index, long bytes, ImmutableList<Change> changes) {
    /** Number of changes of a kind. */
    int count(UpperDiff.Kind kind) {
      int count = 0;
      for (Change change : changes) {
        count += change.kind() == kind ? 1 : 0;
      }
      return count;
    }

    /** Bytes of lower layers that this layer deletes. */
    long deletedBytes() {
      long sum = 0;
      for (Change change : changes) {
        sum += change.kind() == UpperDiff.Kind.DELETED ? change.bytes() : 0;
      }
      return sum;
    }
  }

  /**
   * The change that a layer makes to a path.
   *
   * @param bytes bytes that the layer contains for it; for a deletion, the bytes that it hides
   */
  public record Change(UpperDiff.Kind kind, String path, boolean isDirectory, long bytes) {}

  /**
   * A file that wastes space.
   *
   * @param addedIn index of the layer that contains it
   * @param hiddenBy index of the layer that replaces or deletes it; null if unknown
   * @param isDeleted whether that layer deletes it
   */
  public record Wasted(
      String path, long bytes, int addedIn, @Nullable Integer hiddenBy, boolean isDeleted) {}

  /** Number of a layer, for a person. */
  public int number(OneLayer layer) {
    return explored.numbers().number(layer.index());
  }

  /** Bytes in all layers. */
  public long bytes() {
    long sum = 0;
    for (OneLayer layer : layers) {
      sum += layer.bytes();
    }
    return sum;
  }

  /** Bytes that the union does not show. */
  public long wastedBytes() {
    long sum = 0;
    for (Wasted each : wasted) {
      sum += each.bytes();
    }
    return sum;
  }

  /** Share of the bytes that the union shows, 0 to 1; 1 if there are no bytes. */
  public double efficiency() {
    long all = bytes();
    return all == 0 ? 1 : (double) (all - wastedBytes()) / all;
  }
}
