package plyfs.trace;

/**
 * One event, as it was read.
 *
 * @param sequence number of the event in its mount, from 1
 * @param timeNanos when it ended, nanoseconds since 1970
 * @param durationNanos how long it took; 0 if that is not known
 * @param bytes of data that were copied
 * @param layer that it is about, 0 for the upper one; -1 for none
 * @param flags see {@link EventLog}
 * @param path of the name, from the root of the mount
 * @param other second text: the new name, a redirect, or what each layer said to a lookup
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
}
