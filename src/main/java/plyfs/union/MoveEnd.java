package plyfs.union;

import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerRef;
import plyfs.sys.Name;

/** One end of a move. */
final class MoveEnd {
  final Directory parent;
  final Name name;

  /** The node of the name, with one reference; null if there is none. */
  @Nullable Node node;

  /** Whether lower layers show something under the name. */
  boolean hides;

  MoveEnd(Directory parent, Name name) {
    this.parent = parent;
    this.name = name;
  }

  LayerRef parentRef() {
    LayerRef ref = parent.upper();
    if (ref == null) {
      throw new IllegalStateException(
          "a directory that takes part in a move is not in the upper layer");
    }
    return ref;
  }
}
