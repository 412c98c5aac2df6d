package plyfs.copy;

import org.jspecify.annotations.Nullable;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.union.UnionFs;
import plyfs.union.api.NodeView;

/**
 * An object of a union with a counted lookup, which {@link #forget} takes back.
 *
 * @param node its node id
 * @param stat its attributes, but for the inode number
 */
record UnionEntry(long node, Stat stat) {
  /** The root, which needs no lookup. */
  static UnionEntry root(UnionFs union) throws ErrnoException {
    NodeView view = new NodeView();
    union.getAttributes(UnionFs.ROOT_ID, view);
    return new UnionEntry(UnionFs.ROOT_ID, view.stat());
  }

  /** Looks a name up; null if it does not exist, or if there is no directory. */
  static @Nullable UnionEntry lookup(UnionFs union, @Nullable UnionEntry directory, Name name)
      throws ErrnoException {
    if (directory == null) {
      return null;
    }
    NodeView view = new NodeView();
    union.lookup(directory.node, name, view);
    return view.nodeId() == 0 ? null : new UnionEntry(view.nodeId(), view.stat());
  }

  /** Takes the lookup back. */
  static void forget(UnionFs union, @Nullable UnionEntry entry) {
    if (entry != null && entry.node != UnionFs.ROOT_ID) {
      union.forget(entry.node, 1);
    }
  }
}
