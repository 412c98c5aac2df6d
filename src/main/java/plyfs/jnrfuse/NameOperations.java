package plyfs.jnrfuse;

import java.util.function.Supplier;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;
import plyfs.union.UnionFs;
import plyfs.union.api.Caller;
import plyfs.union.api.NodeView;

/** Operations that create, rename and remove names. */
final class NameOperations {
  private final UnionFs union;
  private final PathWalk walk;
  private final HiddenFiles hidden;
  private final Supplier<PendingRequest> requests;

  NameOperations(
      UnionFs union, PathWalk walk, HiddenFiles hidden, Supplier<PendingRequest> requests) {
    this.union = union;
    this.walk = walk;
    this.hidden = hidden;
    this.requests = requests;
  }

  private Caller caller() {
    return requests.get().caller();
  }

  private static Name lastName(String path) throws ErrnoException {
    return PathNames.name(PathNames.last(path));
  }

  /** Creates an object; libfuse looks up its name afterwards. */
  @FunctionalInterface
  private interface Making {
    void apply(long parent, Name name, Caller caller, NodeView out) throws ErrnoException;
  }

  private void make(String path, Making making) throws ErrnoException {
    try (Reached parent = walk.reachParent(path)) {
      NodeView view = new NodeView();
      making.apply(parent.node(), lastName(path), caller(), view);
      union.forget(view.nodeId(), 1);
    }
  }

  void makeNode(String path, int mode, int device) throws ErrnoException {
    make(
        path,
        (parent, name, caller, out) -> union.makeNode(parent, name, mode, device, caller, out));
  }

  void makeDirectory(String path, int mode) throws ErrnoException {
    make(path, (parent, name, caller, out) -> union.makeDirectory(parent, name, mode, caller, out));
  }

  void makeSymlink(String path, String target) throws ErrnoException {
    make(
        path,
        (parent, name, caller, out) ->
            union.makeSymlink(parent, name, PathNames.bytes(target), caller, out));
  }

  void link(String path, String newPath) throws ErrnoException {
    try (Reached file = walk.reach(path)) {
      make(
          newPath,
          (parent, name, caller, out) -> union.link(file.node(), parent, name, caller, out));
    }
  }

  /** Removes a name; also used when libfuse closes a hidden file. */
  void unlink(String path) throws ErrnoException {
    long kept = hidden.drop(PathNames.last(path));
    if (kept != 0) {
      union.forget(kept, 1);
      return;
    }
    unlinkName(path);
  }

  private void unlinkName(String path) throws ErrnoException {
    try (Reached parent = walk.reachParent(path)) {
      union.unlink(parent.node(), lastName(path), caller());
    }
  }

  void removeDirectory(String path) throws ErrnoException {
    try (Reached parent = walk.reachParent(path)) {
      union.removeDirectory(parent.node(), lastName(path), caller());
    }
  }

  void rename(String path, String newPath) throws ErrnoException {
    String newName = PathNames.last(newPath);
    if (hidden.isHiding(newName)) {
      hide(path, newName);
      return;
    }
    try (Reached parent = walk.reachParent(path);
        Reached newParent = walk.reachParent(newPath)) {
      union.rename(parent.node(), lastName(path), newParent.node(), lastName(newPath), 0, caller());
    }
  }

  /**
   * Handles an open file that loses its name: now if it is unlinked, in the following rename if it
   * is replaced.
   */
  private void hide(String path, String hiddenName) throws ErrnoException {
    try (Reached file = walk.reach(path)) {
      if (requests.get().opcode() == PendingRequest.UNLINK) {
        unlinkName(path);
      }
      hidden.keep(hiddenName, file.moved().node());
    }
  }

  byte[] readLink(String path) throws ErrnoException {
    try (Reached link = walk.reach(path)) {
      return union.readLink(link.node());
    }
  }
}
