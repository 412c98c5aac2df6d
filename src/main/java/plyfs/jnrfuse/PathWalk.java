package plyfs.jnrfuse;

import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.union.UnionFs;
import plyfs.union.api.NodeView;

/**
 * From paths to nodes: each walk looks its names up from the root, one after the other. What it has
 * led to is forgotten when its caller is done, the directories on the way a little later.
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
   * What a path names.
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

  /** The directory of a path's last name. */
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
