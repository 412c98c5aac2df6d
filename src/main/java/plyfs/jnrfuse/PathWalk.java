package plyfs.jnrfuse;

import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;
import plyfs.union.NodeView;
import plyfs.union.UnionFs;

/**
 * From paths to nodes: each walk looks its names up from the root, one after the other, and what it
 * has looked up is forgotten when its caller is done.
 */
final class PathWalk {
  private final UnionFs union;
  private final HiddenFiles hidden;

  PathWalk(UnionFs union, HiddenFiles hidden) {
    this.union = union;
    this.hidden = hidden;
  }

  /**
   * A node that a path led to.
   *
   * @param isHeld whether it counts one lookup that has to be taken back
   */
  record Reached(long node, boolean isHeld) {}

  /** What is done with a node. */
  @FunctionalInterface
  interface OnNode {
    int apply(long node) throws ErrnoException;
  }

  /** What is done with a name in a directory. */
  @FunctionalInterface
  interface OnName {
    int apply(long parent, Name name) throws ErrnoException;
  }

  /** Does something with what a path names. */
  int at(String path, OnNode action) throws ErrnoException {
    Reached reached = reach(path);
    try {
      return action.apply(reached.node());
    } finally {
      leave(reached);
    }
  }

  /** Does something with the last name of a path, in its directory. */
  int in(String path, OnName action) throws ErrnoException {
    Name name = PathNames.name(PathNames.last(path));
    return at(PathNames.parent(path), parent -> action.apply(parent, name));
  }

  /**
   * Walks a path.
   *
   * @return for {@link #leave}
   * @throws ErrnoException ENOENT, ENOTDIR, ...
   */
  Reached reach(String path) throws ErrnoException {
    long kept = hidden.find(PathNames.last(path));
    if (kept != 0) {
      if (RequestLoop.current().opcode() == RequestLoop.LOOKUP) {
        throw ErrnoException.of(Errno.ENOENT); // nobody but libfuse knows the name
      }
      return new Reached(kept, false);
    }
    NodeView view = new NodeView();
    long node = UnionFs.ROOT_ID;
    int start = 1;
    while (start < path.length()) {
      int slash = path.indexOf('/', start);
      int end = slash < 0 ? path.length() : slash;
      node = step(node, PathNames.name(path.substring(start, end)), view);
      start = end + 1;
    }
    return new Reached(node, true);
  }

  private long step(long directory, Name name, NodeView view) throws ErrnoException {
    try {
      union.lookup(directory, name, view);
    } finally {
      union.forget(directory, 1);
    }
    if (view.nodeId() == 0) {
      throw ErrnoException.of(Errno.ENOENT);
    }
    return view.nodeId();
  }

  /** Forgets a walk. */
  void leave(Reached reached) {
    if (reached.isHeld()) {
      union.forget(reached.node(), 1);
    }
  }
}
