package plyfs.daemon;

import org.jspecify.annotations.Nullable;
import plyfs.fuse.Request;
import plyfs.sys.StatFs;
import plyfs.union.api.AttributeChange;
import plyfs.union.api.Caller;
import plyfs.union.api.NodeView;

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

  private @Nullable Request waitingFor;
  private @Nullable Caller waiter;

  private @Nullable Request changing;
  private int changerPid;
  private @Nullable Caller changer;

  /**
   * Somebody who waits for the answer of a request and whose rights do not matter: always the same
   * object for the request of one worker.
   */
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
   * Who changes what exists: all groups count. Always the same object for the requests of one
   * caller after each other, as writes are.
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
