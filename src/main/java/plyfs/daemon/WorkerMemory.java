package plyfs.daemon;

import org.jspecify.annotations.Nullable;
import plyfs.fuse.Request;
import plyfs.sys.StatFs;
import plyfs.union.api.AttributeChange;
import plyfs.union.api.Caller;
import plyfs.union.api.NodeView;

/** Reusable memory of one worker, so that frequent requests allocate nothing. */
final class WorkerMemory {
  private static final ThreadLocal<WorkerMemory> CURRENT =
      ThreadLocal.withInitial(WorkerMemory::new);

  final NodeView view = new NodeView();
  final AttributeChange change = new AttributeChange();
  final StatFs statFs = new StatFs();

  private @Nullable Request waitingFor;
  private @Nullable Caller waiter;

  private @Nullable Request changing;
  private int changerPid;
  private @Nullable Caller changer;

  /** A caller whose privileges do not matter. All requests of one worker use the same object. */
  Caller waiter(Request request) {
    Caller known = waiter;
    if (known == null || waitingFor != request) {
      known = new Caller(0, 0, 0, request.abandoned());
      waiter = known;
      waitingFor = request;
    }
    return known;
  }

  /**
   * A caller that changes an existing object: all its groups count. Successive requests of one
   * caller, such as writes, use the same object.
   */
  Caller changer(Request request) {
    Caller known = changer;
    int pid = request.pid();
    if (known == null
        || changing != request
        || changerPid != pid
        || known.uid() != request.uid()
        || known.gid() != request.gid()) {
      known =
          new Caller(request.uid(), request.gid(), 0, request.abandoned(), new ProcessGroups(pid));
      changer = known;
      changerPid = pid;
      changing = request;
    }
    return known;
  }

  static WorkerMemory get() {
    return CURRENT.get();
  }
}
