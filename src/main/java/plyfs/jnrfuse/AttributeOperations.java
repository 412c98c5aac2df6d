package plyfs.jnrfuse;

import java.util.function.Supplier;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.union.UnionFs;
import plyfs.union.api.AttributeChange;
import plyfs.union.api.NodeView;

/** Operations that read and change the attributes of an inode. */
final class AttributeOperations {
  private static final int UNCHANGED = -1;

  private final UnionFs union;
  private final PathWalk walk;
  private final OpenNodes opens;
  private final Supplier<PendingRequest> requests;
  private final boolean staticLinks;

  /**
   * Operations on a union.
   *
   * @param staticLinks whether st_nlink of every directory is 1
   */
  AttributeOperations(
      UnionFs union,
      PathWalk walk,
      OpenNodes opens,
      Supplier<PendingRequest> requests,
      boolean staticLinks) {
    this.union = union;
    this.walk = walk;
    this.opens = opens;
    this.requests = requests;
    this.staticLinks = staticLinks;
  }

  NodeView of(String path) throws ErrnoException {
    NodeView view = new NodeView();
    try (Reached reached = walk.reach(path)) {
      union.getAttributes(reached.node(), view);
    }
    return view;
  }

  NodeView ofOpen(long number) throws ErrnoException {
    NodeView view = new NodeView();
    union.getAttributes(opens.node(number), view);
    return view;
  }

  /** The st_nlink to report. */
  int links(NodeView view) {
    return staticLinks && view.stat().isDirectory() ? 1 : view.nlink();
  }

  private void change(String path, AttributeChange change) throws ErrnoException {
    try (Reached reached = walk.reach(path)) {
      change(reached.node(), change);
    }
  }

  private void change(long node, AttributeChange change) throws ErrnoException {
    union.setAttributes(node, change, requests.get().caller(), new NodeView());
  }

  void setMode(String path, int mode) throws ErrnoException {
    change(path, new AttributeChange().mode(mode));
  }

  /** Sets owner and group; -1 leaves one unchanged. */
  void setOwner(String path, int uid, int gid) throws ErrnoException {
    AttributeChange change = new AttributeChange();
    if (uid != UNCHANGED) {
      change.uid(uid);
    }
    if (gid != UNCHANGED) {
      change.gid(gid);
    }
    change(path, change);
  }

  void setSize(String path, long size) throws ErrnoException {
    change(path, resize(size));
  }

  void setSizeOfOpen(long number, long size) throws ErrnoException {
    change(opens.node(number), resize(size));
  }

  private AttributeChange resize(long size) {
    return new AttributeChange().size(size).killSuidgid(requests.get().killsSuidgid());
  }

  /** Sets the times; {@code UTIME_OMIT} in the nanoseconds leaves one unchanged. */
  void setTimes(String path, long atime, long atimeNanos, long mtime, long mtimeNanos)
      throws ErrnoException {
    AttributeChange change = new AttributeChange();
    if (atimeNanos != Linux.UTIME_OMIT) {
      change.atime(atime, atimeNanos);
    }
    if (mtimeNanos != Linux.UTIME_OMIT) {
      change.mtime(mtime, mtimeNanos);
    }
    change(path, change);
  }
}
