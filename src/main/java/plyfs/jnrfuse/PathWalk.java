package plyfs.jnrfuse;

import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.union.UnionFs;
import plyfs.union.api.NodeView;

/**
 * Resolves paths to nodes: each walk looks up the components from the root. The engine forgets the
 * node of a path when its user has finished, and the directories of the path a little later.
 */
final class PathWalk {
  private final UnionFs union;
  private final HiddenFiles hidden;
  private final RecentDirectories recent;

  PathWalk(UnionFs union, HiddenFiles hidden, RecentDirectories recent) {
    this.union = union;
    this.hidden = hidden;
    this.recent = recent;
  }

  /**
   * The node of a path.
   *
   * @throws ErrnoException ENOENT, ENOTDIR, ...
   */
  Reached reach(String path) throws ErrnoException {
    long kept = hidden.find(PathNames.last(path));
    if (kept != 0) {
      return new Reached(union, kept, false);
    }
    NodeView view = new NodeView();
    long node = UnionFs.ROOT_ID;
    int start = 1;
    while (start < path.length()) {
      int slash = path.indexOf('/', start);
      int end = slash < 0 ? path.length() : slash;
      node = step(node, path.substring(start, end), view);
      start = end + 1;
    }
    return new Reached(union, node, true);
  }

  /** The directory of the last component of a path. */
  Reached reachParent(String path) throws ErrnoException {
    return reach(PathNames.parent(path));
  }

  private long step(long directory, String name, NodeView view) throws ErrnoException {
    try {
      union.lookup(directory, PathNames.name(name), view);
    } finally {
      recent.keep(directory);
    }
    if (view.nodeId() == 0) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    return view.nodeId();
  }
}
