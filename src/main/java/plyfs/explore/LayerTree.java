package plyfs.explore;

import com.google.common.collect.ImmutableList;
import org.jspecify.annotations.Nullable;

/**
 * What each layer adds, changes and deletes, and what of it nobody sees any more. Paths are
 * ISO-8859-1, one character a byte, from the root of the mount. Layers are named by their index: 0
 * for the upper one, 1 for the topmost lower one.
 *
 * @param explored the layers
 * @param layers the lowest first
 * @param wasted files that a layer holds and the union does not show, the largest first
 */
public record LayerTree(
    ExploredLayers explored, ImmutableList<OneLayer> layers, ImmutableList<Wasted> wasted) {
  /**
   * One layer.
   *
   * @param bytes of its regular files, each inode once
   * @param changes in the order of names
   */
  public record OneLayer(int index, long bytes, ImmutableList<Change> changes) {
    /** How many changes of a kind there are. */
    int count(UpperDiff.Kind kind) {
      int count = 0;
      for (Change change : changes) {
        count += change.kind() == kind ? 1 : 0;
      }
      return count;
    }

    /** Bytes that were seen below this layer and are deleted by it. */
    long deletedBytes() {
      long sum = 0;
      for (Change change : changes) {
        sum += change.kind() == UpperDiff.Kind.DELETED ? change.bytes() : 0;
      }
      return sum;
    }
  }

  /**
   * What a layer does to a path.
   *
   * @param bytes that the layer holds for it; of a deletion, those that were seen before and are
   *     not any more
   */
  public record Change(UpperDiff.Kind kind, String path, boolean isDirectory, long bytes) {}

  /**
   * A file that takes room for nothing.
   *
   * @param addedIn index of the layer that holds it
   * @param hiddenBy index of the layer that replaces or deletes it; null if that cannot be told
   * @param isDeleted whether it is deleted there
   */
  public record Wasted(
      String path, long bytes, int addedIn, @Nullable Integer hiddenBy, boolean isDeleted) {}

  /** Number of a layer, as people count. */
  public int number(OneLayer layer) {
    return explored.numbers().number(layer.index());
  }

  /** Bytes that all layers hold. */
  public long bytes() {
    long sum = 0;
    for (OneLayer layer : layers) {
      sum += layer.bytes();
    }
    return sum;
  }

  /** Bytes that nobody sees. */
  public long wastedBytes() {
    long sum = 0;
    for (Wasted each : wasted) {
      sum += each.bytes();
    }
    return sum;
  }

  /** Part of the bytes that is seen, 0 to 1; 1 where there are none. */
  public double efficiency() {
    long all = bytes();
    return all == 0 ? 1 : (double) (all - wastedBytes()) / all;
  }
}
