package plyfs.jnrfuse;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.union.AttributeChange;
import plyfs.union.Caller;
import plyfs.union.DirSink;
import plyfs.union.NodeView;
import plyfs.union.UnionFs;

/**
 * Open files and directories by the number that libfuse carries for us ({@code fi->fh}): the only
 * place that uses handles of the engine.
 */
final class OpenNodes {
  /** Directories are read without being opened. */
  private static final long NO_HANDLE = 0;

  private final UnionFs union;
  private final PathWalk walk;
  private final Map<Long, OpenNode> opens = new ConcurrentHashMap<>();
  private final AtomicLong last = new AtomicLong();

  OpenNodes(UnionFs union, PathWalk walk) {
    this.union = union;
    this.walk = walk;
  }

  /**
   * One open.
   *
   * @param node with its lookup, if it holds one
   */
  private record OpenNode(long handle, PathWalk.Reached node) {}

  private long add(long handle, PathWalk.Reached ownedNode) {
    long number = last.incrementAndGet();
    opens.put(number, new OpenNode(handle, ownedNode));
    return number;
  }

  private OpenNode get(long number) throws ErrnoException {
    OpenNode open = opens.get(number);
    if (open == null) {
      throw ErrnoException.of(Errno.EBADF);
    }
    return open;
  }

  /** Opens the file at a path. */
  long openFile(String path, int flags, boolean killSuidgid, Caller caller) throws ErrnoException {
    return open(path, node -> union.open(node, flags, killSuidgid, caller));
  }

  /** Opens the directory at a path. */
  long openDirectory(String path) throws ErrnoException {
    return open(path, node -> NO_HANDLE);
  }

  /** Opens a node. */
  @FunctionalInterface
  private interface Opening {
    long handleOf(long node) throws ErrnoException;
  }

  private long open(String path, Opening opening) throws ErrnoException {
    PathWalk.Reached reached = walk.reach(path);
    boolean done = false;
    try {
      long number = add(opening.handleOf(reached.node()), reached);
      done = true;
      return number;
    } finally {
      if (!done) {
        walk.leave(reached);
      }
    }
  }

  /** Makes a file and opens it. */
  long create(String path, int mode, Caller caller) throws ErrnoException {
    NodeView view = new NodeView();
    PathWalk.Reached parent = walk.reach(PathNames.parent(path));
    try {
      long handle =
          union.create(parent.node(), PathNames.name(PathNames.last(path)), mode, caller, view);
      return add(handle, new PathWalk.Reached(view.nodeId(), true));
    } finally {
      walk.leave(parent);
    }
  }

  /** Ends an open of a file. */
  void releaseFile(long number) {
    OpenNode open = opens.remove(number);
    if (open != null) {
      union.release(open.handle());
      walk.leave(open.node());
    }
  }

  /** Ends an open of a directory. */
  void releaseDirectory(long number) {
    OpenNode open = opens.remove(number);
    if (open != null) {
      walk.leave(open.node());
    }
  }

  int read(long number, long address, int count, long offset) throws ErrnoException {
    return union.read(get(number).handle(), address, count, offset);
  }

  /** The kernel has taken setuid and setgid away before. */
  int write(long number, long address, int count, long offset, int sync) throws ErrnoException {
    return union.write(get(number).handle(), address, count, offset, sync, false, Caller.ROOT);
  }

  void sync(long number, boolean dataOnly) throws ErrnoException {
    union.sync(get(number).handle(), dataOnly);
  }

  void syncDirectory(long number) throws ErrnoException {
    union.syncDirectory(get(number).node().node());
  }

  void allocate(long number, int mode, long offset, long length) throws ErrnoException {
    union.allocate(get(number).handle(), mode, offset, length, false, Caller.ROOT);
  }

  void attributes(long number, NodeView out) throws ErrnoException {
    union.getAttributes(get(number).node().node(), out);
  }

  void change(long number, AttributeChange change, Caller caller) throws ErrnoException {
    union.setAttributes(get(number).node().node(), change, caller, new NodeView());
  }

  void list(long number, long position, DirSink sink) throws ErrnoException {
    union.readDirectory(get(number).node().node(), position, sink, null);
  }
}
