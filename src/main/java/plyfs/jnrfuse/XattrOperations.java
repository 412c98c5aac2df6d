package plyfs.jnrfuse;

import java.util.function.Supplier;
import plyfs.daemon.Administrator;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.union.UnionFs;

/** Extended attributes. */
final class XattrOperations {
  private final UnionFs union;
  private final PathWalk walk;
  private final Supplier<PendingRequest> requests;

  XattrOperations(UnionFs union, PathWalk walk, Supplier<PendingRequest> requests) {
    this.union = union;
    this.walk = walk;
    this.requests = requests;
  }

  /**
   * A value.
   *
   * @throws ErrnoException ENODATA, ...
   */
  byte[] get(String path, String name) throws ErrnoException {
    try (Reached reached = walk.reach(path)) {
      byte[] value = union.getXattr(reached.node(), PathNames.bytes(name));
      if (value == null) {
        throw ErrnoException.of(Errno.ENODATA);
      }
      return value;
    }
  }

  /** The names, each with a NUL. */
  byte[] list(String path) throws ErrnoException {
    try (Reached reached = walk.reach(path)) {
      return union.listXattrs(reached.node(), new Administrator(requests.get().pid()));
    }
  }

  void set(String path, String name, byte[] value, int flags) throws ErrnoException {
    try (Reached reached = walk.reach(path)) {
      union.setXattr(
          reached.node(), PathNames.bytes(name), value, flags, false, requests.get().caller());
    }
  }

  void remove(String path, String name) throws ErrnoException {
    try (Reached reached = walk.reach(path)) {
      union.removeXattr(reached.node(), PathNames.bytes(name), requests.get().caller());
    }
  }
}
