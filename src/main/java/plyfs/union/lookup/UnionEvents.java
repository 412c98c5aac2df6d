package plyfs.union.lookup;

import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.sys.ErrnoException;
import plyfs.sys.Name;
import plyfs.trace.CopyUpTimes;
import plyfs.trace.EventKind;
import plyfs.trace.EventLog;
import plyfs.union.api.LookupTrace;
import plyfs.union.node.Directory;
import plyfs.union.node.Found;
import plyfs.union.node.MoveEnd;
import plyfs.union.node.Node;
import plyfs.union.node.NodePath;

/**
 * Records the events of the engine in an {@link EventLog} while a reader watches. Otherwise each
 * event costs one or two memory reads.
 */
public final class UnionEvents {
  private static final int STEP_BYTES = 3;

  private volatile @Nullable EventLog log;

  /** Records from now on. */
  public void recordTo(EventLog newLog) {
    log = newLog;
  }

  private @Nullable EventLog watched() {
    EventLog there = log;
    return there != null && there.isWatched() ? there : null;
  }

  // Lookups

  /** Looks a name up, and tells of it if it was asked for in more layers than the topmost. */
  public void find(Lookup lookup, Directory parent, Name name, Found found, int firstLower)
      throws ErrnoException {
    EventLog to = watched();
    if (to == null) {
      lookup.find(parent, name, found, firstLower);
      return;
    }
    LookupTrace trace = new LookupTrace();
    long began = System.nanoTime();
    try {
      lookup.find(parent, name, found, trace);
    } finally {
      List<LookupTrace.LayerVerdict> steps = trace.steps();
      if (steps.size() > 1 || !steps.isEmpty() && !steps.get(0).verdict().counts()) {
        int layer = -1;
        for (int i = steps.size() - 1; i >= 0; i--) {
          layer = steps.get(i).verdict().counts() ? steps.get(i).layer() : layer;
        }
        long nanos = System.nanoTime() - began;
        byte[] path = NodePath.of(parent, name);
        to.record(EventKind.LOOKUP, layer, 0, nanos, path, encoded(steps));
      }
    }
  }

  /** Each step as two bytes for the layer and one for the verdict. */
  private static byte[] encoded(List<LookupTrace.LayerVerdict> steps) {
    byte[] bytes = new byte[steps.size() * STEP_BYTES];
    int at = 0;
    for (LookupTrace.LayerVerdict step : steps) {
      bytes[at++] = (byte) (step.layer() >> 8);
      bytes[at++] = (byte) step.layer();
      bytes[at++] = step.verdict().code();
    }
    return bytes;
  }

  // Copies

  /** The times that a copy beginning now fills in; null if no reader watches. */
  public @Nullable CopyUpTimes times() {
    return watched() == null ? null : new CopyUpTimes();
  }

  public static void end(@Nullable CopyUpTimes times, CopyUpTimes.Step step) {
    if (times != null) {
      times.end(step);
    }
  }

  /** The copy-up to which these times belong, if a reader watches, fails with this error number. */
  public static void failed(@Nullable CopyUpTimes times, int errno) {
    if (times != null) {
      times.failed(errno);
    }
  }

  /** A copy-up, or a copy of data alone, has ended. */
  public void copied(
      EventKind kind, Node node, int layer, boolean failed, int flags, CopyUpTimes times) {
    EventLog to = log;
    if (to != null) {
      int all = failed ? flags | EventLog.FAILED : flags;
      to.recordCopy(kind, layer, all, NodePath.of(node), times);
    }
  }

  // Names

  /** Something happened to a name. */
  public void name(EventKind kind, Directory parent, Name name) {
    EventLog to = watched();
    if (to != null) {
      to.record(kind, 0, 0, 0, NodePath.of(parent, name), null);
    }
  }

  /** A name was marked with a value. */
  public void marked(EventKind kind, Directory parent, Name name, byte @Nullable [] value) {
    EventLog to = watched();
    if (to != null) {
      to.record(kind, 0, 0, 0, NodePath.of(parent, name), value);
    }
  }

  /** An object moved, or two changed places. */
  public void moved(MoveEnd from, MoveEnd to, int flags) {
    EventLog log = watched();
    if (log != null) {
      byte[] newPath = NodePath.of(to.parent, to.name);
      log.record(EventKind.RENAMED, 0, flags, 0, NodePath.of(from.parent, from.name), newPath);
    }
  }
}
