package plyfs.jnrfuse;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.union.UnionFs;
import plyfs.union.api.Caller;
import plyfs.union.api.DirSink;
import plyfs.union.api.NodeView;

/**
 * Open files and directories by the number that libfuse carries for us ({@code fi->fh}), and what
 * is done with them: the only place that uses handles of the engine.
 */
final class OpenNodes {
  /** Directories are read without being opened. */
  private static final long NO_HANDLE = 0;

  /** The superuser, who waits to the end. */
  private static final Caller ROOT = new Caller(0, 0, 0, () -> false);

  private final UnionFs union;
  private final PathWalk walk;
  private final Supplier<PendingRequest> requests;
  private final Map<Long, OpenNode> opens = new ConcurrentHashMap<>();
  private final AtomicLong last = new AtomicLong();

  OpenNodes(UnionFs union, PathWalk walk, Supplier<PendingRequest> requests) {
    this.union = union;
    this.walk = walk;
    this.requests = requests;
  }

  /** One open; it keeps its node alive. */
  private record OpenNode(long handle, Reached reached) {
    long node() {
      return reached.node();
    }
  }

  private long add(long handle, Reached ownedNode) {
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

  /** The node of an open. */
  long node(long number) throws ErrnoException {
    return get(number).node();
  }

  // Begin and end

  /**
   * Opens the file at a path.
   *
   * @return its number
   */
  long openFile(String path, int flags) throws ErrnoException {
    PendingRequest request = requests.get();
    boolean killSuidgid = (flags & Linux.O_TRUNC) != 0 && request.killsSuidgid();
    try (Reached file = walk.reach(path)) {
      long handle = union.open(file.node(), flags, killSuidgid, request.caller());
      return add(handle, file.moved());
    }
  }

  /** Makes a file and opens it. */
  long create(String path, int mode) throws ErrnoException {
    NodeView view = new NodeView();
    Caller caller = requests.get().caller();
    try (Reached parent = walk.reachParent(path)) {
      long handle =
          union.create(parent.node(), PathNames.name(PathNames.last(path)), mode, caller, view);
      return add(handle, new Reached(union, view.nodeId(), true));
    }
  }

  /** Ends an open of a file. */
  void releaseFile(long number) {
    OpenNode open = opens.remove(number);
    if (open != null) {
      union.release(open.handle());
      open.reached().close();
    }
  }

  /** Opens the directory at a path. */
  long openDirectory(String path) throws ErrnoException {
    try (Reached directory = walk.reach(path)) {
      return add(NO_HANDLE, directory.moved());
    }
  }

  /** Ends an open of a directory. */
  void releaseDirectory(long number) {
    OpenNode open = opens.remove(number);
    if (open != null) {
      open.reached().close();
    }
  }

  // Files

  int read(long number, long address, int count, long offset) throws ErrnoException {
    return union.read(get(number).handle(), address, count, offset);
  }

  int write(long number, long address, int count, long offset, int sync) throws ErrnoException {
    OpenNode open = get(number);
    boolean killSuidgid = hasSetgidWithoutExecution(open.node()) && requests.get().killsSuidgid();
    Caller caller = killSuidgid ? requests.get().caller() : ROOT;
    return union.write(open.handle(), address, count, offset, sync, killSuidgid, caller);
  }

  /**
   * Whether setgid without execution by the group has to be looked at before a write. All else the
   * kernel has taken away before: this it cannot, as it does not know whether the writer is in the
   * group.
   *
   * @implNote Linux fs/fuse/dir.c, fuse_setattr without FUSE_HANDLE_KILLPRIV_V2
   */
  private boolean hasSetgidWithoutExecution(long node) throws ErrnoException {
    NodeView view = new NodeView();
    union.getAttributes(node, view);
    return (view.stat().mode() & (Linux.S_ISGID | Linux.S_IXGRP)) == Linux.S_ISGID;
  }

  void allocate(long number, int mode, long offset, long length) throws ErrnoException {
    PendingRequest request = requests.get();
    union.allocate(
        get(number).handle(), mode, offset, length, request.killsSuidgid(), request.caller());
  }

  void sync(long number, boolean dataOnly) throws ErrnoException {
    union.sync(get(number).handle(), dataOnly);
  }

  // Directories

  void list(long number, long position, DirSink sink) throws ErrnoException {
    union.readDirectory(get(number).node(), position, sink, null);
  }

  void syncDirectory(long number) throws ErrnoException {
    union.syncDirectory(get(number).node());
  }
}
