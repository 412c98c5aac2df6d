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
 * Open files and directories, by the number that libfuse stores for Plyfs ({@code fi->fh}), and the
 * operations on them. Only this class uses handles of the engine.
 */
final class OpenNodes {
  /** The engine reads directories without opening them. */
  private static final long NO_HANDLE = 0;

  /** The superuser, without early end of long work. */
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

  /** One open file or directory, which keeps its node alive. */
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

  // Open and release

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

  /** Creates a file and opens it. */
  long create(String path, int mode) throws ErrnoException {
    NodeView view = new NodeView();
    Caller caller = requests.get().caller();
    try (Reached parent = walk.reachParent(path)) {
      long handle =
          union.create(parent.node(), PathNames.name(PathNames.last(path)), mode, caller, view);
      return add(handle, new Reached(union, view.nodeId(), true));
    }
  }

  /** Releases an open file. */
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

  /** Releases an open directory. */
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
   * Whether a file has setgid without execution by the group, so that a write must check it. The
   * kernel has already cleared all other bits, but not this one, because it does not know whether
   * the writer is in the group.
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
