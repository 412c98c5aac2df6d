package plyfs.union;

import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerRef;
import plyfs.layer.UpperLayer;
import plyfs.sys.Stat;
import plyfs.trace.CopyUpTimes;

/**
 * One copy-up that is being made.
 *
 * @param layer takes the copy
 * @param scope what it is about
 * @param caller who caused it
 * @param times of its steps; null if nobody wants to know
 */
record CopyUpJob(UpperLayer layer, CopyUpScope scope, Caller caller, @Nullable CopyUpTimes times) {
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

  boolean isTruncation() {
    return scope.isTruncation();
  }

  boolean isSeparated() {
    return scope.isSeparated();
  }
}
