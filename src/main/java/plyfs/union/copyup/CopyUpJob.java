package plyfs.union.copyup;

import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerRef;
import plyfs.layer.UpperLayer;
import plyfs.sys.Stat;
import plyfs.trace.CopyUpTimes;
import plyfs.union.api.Caller;
import plyfs.union.node.Node;

/**
 * One copy-up that is being made.
 *
 * @param layer takes the copy
 * @param scope what it is about
 * @param caller the caller whose change caused it
 * @param times times of its steps; null if no reader watches
 * @param open receives the open copy of a regular file; null if no caller needs it
 */
public record CopyUpJob(
    UpperLayer layer,
    CopyUpScope scope,
    Caller caller,
    @Nullable CopyUpTimes times,
    CopyUp.@Nullable OpenCopy open) {
  Node node() {
    return scope.node();
  }

  LayerRef lower() {
    return scope.lower();
  }

  Stat source() {
    return scope.source();
  }

  boolean leavesDataBelow() {
    return scope.leavesDataBelow();
  }

  /** Makes the attributes, once they are known, those that the copy is to have. */
  void setNewMode() {
    CopyUp.OpenCopy wanted = open;
    if (wanted != null && wanted.mode != CopyUp.SAME_MODE) {
      source().setMode(source().type() | wanted.mode);
    }
  }

  /** Whether the object is prepared with its mode, and nothing takes that away. */
  boolean hasModeAlready() {
    int mode = source().mode() & 07777;
    return source().isRegular()
        && mode == (mode & 0777 | 0600)
        && layer.preparesAs(source().uid(), source().gid());
  }

  boolean isTruncation() {
    return scope.isTruncation();
  }

  boolean isSeparated() {
    return scope.isSeparated();
  }
}
