package plyfs.union.node;

import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerRef;
import plyfs.sys.Name;

/** One end of a move. */
public final class MoveEnd {
  public final Directory parent;
  public final Name name;

  /** The node of the name, with one reference; null if there is none. */
  public @Nullable Node node;

  /** Whether lower layers show something under the name. */
  public boolean hides;

  public MoveEnd(Directory parent, Name name) {
    this.parent = parent;
    this.name = name;
  }

  public LayerRef parentRef() {
    LayerRef ref = parent.upper();
    if (ref == null) {
      throw new IllegalStateException(
          "a directory that takes part in a move is not in the upper layer");
    }
    return ref;
  }
}
