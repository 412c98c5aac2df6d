package plyfs.fuse;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Counts the served requests of a session by kind. Each worker counts in its own array, so counting
 * costs one addition.
 */
final class RequestCounts {
  private static final int KINDS = Opcode.MOST_NUMBER + 1;

  private final List<long[]> running = new CopyOnWriteArrayList<>();
  private final AtomicLongArray ended = new AtomicLongArray(KINDS);

  /** An array for one worker, indexed by {@link Opcode#number}. */
  long[] begin() {
    long[] counts = new long[KINDS];
    running.add(counts);
    return counts;
  }

  /** Ends the array of one worker. */
  void end(long[] counts) {
    if (running.remove(counts)) {
      for (int kind = 0; kind < KINDS; kind++) {
        ended.addAndGet(kind, counts[kind]);
      }
    }
  }

  /**
   * {@code SUM: KIND NUMBER, ...}, without kinds that never came. Other threads continue to count.
   */
  String text() {
    StringBuilder text = new StringBuilder();
    long sum = 0;
    for (Opcode opcode : Opcode.values()) {
      long count = ended.get(opcode.number());
      for (long[] counts : running) {
        count += counts[opcode.number()];
      }
      if (count > 0) {
        text.append(text.isEmpty() ? "" : ", ").append(opcode).append(' ').append(count);
      }
      sum += count;
    }
    return sum + (text.isEmpty() ? "" : ": ") + text;
  }
}
