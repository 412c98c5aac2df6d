package plyfs.daemon;

import plyfs.sys.StatFs;
import plyfs.union.AttributeChange;
import plyfs.union.NodeView;

/**
 * What one worker needs for one request after the other, so that frequent requests allocate
 * nothing.
 */
final class WorkerMemory {
  private static final ThreadLocal<WorkerMemory> CURRENT =
      ThreadLocal.withInitial(WorkerMemory::new);

  final NodeView view = new NodeView();
  final AttributeChange change = new AttributeChange();
  final StatFs statFs = new StatFs();

  static WorkerMemory get() {
    return CURRENT.get();
  }
}
