package plyfs.trace;

/**
 * One event as read from the log.
 *
 * @param sequence number of the event in its mount, from 1
 * @param timeNanos when it ended, nanoseconds since 1970
 * @param durationNanos how long it took; 0 if unknown
 * @param bytes bytes of copied data
 * @param layer the affected layer, 0 for the upper layer; -1 for none
 * @param flags see {@link EventLog}
 * @param path of the name, from the root of the mount
 * @param other a second text: the new name, a redirect, or the result of a lookup in each layer
 * @param steps nanoseconds of each {@link CopyUpTimes.Step} of a copy-up
 */
public record Event(
    long sequence,
    long timeNanos,
    long durationNanos,
    long bytes,
    EventKind kind,
    int layer,
    int flags,
    byte[] path,
    byte[] other,
    long[] steps) {
  /** Whether a flag of {@link EventLog} is set. */
  public boolean has(int flag) {
    return (flags & flag) != 0;
  }

  /** How long a step of a copy-up took, nanoseconds. */
  public long nanosOf(CopyUpTimes.Step step) {
    return steps[step.place()];
  }

  /** How data was copied. */
  public CopyUpTimes.Method method() {
    return EventLog.methodOf(flags);
  }

  /** The error number with which a copy-up failed; 0 if it did not, or for a reason without one. */
  public int error() {
    return EventLog.errorOf(flags);
  }
}
