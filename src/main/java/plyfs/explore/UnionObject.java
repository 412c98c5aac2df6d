package plyfs.explore;

import org.jspecify.annotations.Nullable;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.union.UnionFs;
import plyfs.union.api.NodeView;

/**
 * An object of a union with a counted lookup, which the caller must forget.
 *
 * @param node its node id
 * @param mode type and permissions
 */
record UnionObject(
    long node, int mode, int uid, int gid, int rdev, long size, long mtimeSeconds, int mtimeNanos) {
  /** Looks a name up; null if it does not exist, or if the directory is 0. */
  static @Nullable UnionObject lookup(UnionFs union, long directory, Name name)
      throws ErrnoException {
    if (directory == 0) {
      return null;
    }
    NodeView view = new NodeView();
    union.lookup(directory, name, view);
    if (view.nodeId() == 0) {
      return null;
    }
    Stat stat = view.stat();
    return new UnionObject(
        view.nodeId(),
        stat.mode(),
        stat.uid(),
        stat.gid(),
        stat.rdev(),
        stat.size(),
        stat.mtimeSeconds(),
        stat.mtimeNanos());
  }

  static void forget(UnionFs union, @Nullable UnionObject object) {
    if (object != null) {
      union.forget(object.node(), 1);
    }
  }

  boolean isDirectory() {
    return (mode & Linux.S_IFMT) == Linux.S_IFDIR;
  }

  boolean attributesDiffer(UnionObject other) {
    if (mode != other.mode || uid != other.uid || gid != other.gid || rdev != other.rdev) {
      return true;
    }
    return !isDirectory()
        && (size != other.size
            || mtimeSeconds != other.mtimeSeconds
            || mtimeNanos != other.mtimeNanos);
  }
}
