package plyfs.bench;

import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * All measurements of one case with one engine.
 *
 * @param fs type of the file system
 * @param pattern word of the change
 * @param size bytes of the files together
 * @param depth directories between the root and the files
 * @param files number of changed files
 * @param temperature {@code cold} or {@code warm}
 * @param engine as in the argument
 * @param firstByteNanos of each sample, until the change can be seen
 * @param durableNanos of each sample, until it is on disk
 * @param io medians of what the daemon, or this process, read and wrote, bytes
 * @param calls system calls of the daemon by kind, in one sample that was not timed; null if they
 *     were not counted
 * @param method how the data was copied, a word of {@link CopyMethod}
 * @param failure why there are no samples, or no more; null if there are all
 */
record CaseResult(
    String fs,
    String pattern,
    long size,
    int depth,
    int files,
    String temperature,
    String engine,
    List<Long> firstByteNanos,
    List<Long> durableNanos,
    IoCount io,
    @Nullable SortedMap<String, Integer> calls,
    String method,
    @Nullable String failure) {
  /** Whether there are samples. */
  boolean isMeasured() {
    return !firstByteNanos.isEmpty();
  }

  Statistics firstByte() {
    return Statistics.of(firstByteNanos);
  }

  Statistics durable() {
    return Statistics.of(durableNanos);
  }

  /** The part that is equal in comparable results of two runs. */
  CaseKey key() {
    return new CaseKey(fs, pattern, size, depth, temperature, engine);
  }

  /** The same case with another engine. */
  CaseKey keyWith(String otherEngine) {
    return new CaseKey(fs, pattern, size, depth, temperature, otherEngine);
  }

  /** Identifies a case. */
  record CaseKey(
      String fs, String pattern, long size, int depth, String temperature, String engine) {
    @Override
    public String toString() {
      return fs
          + " "
          + pattern
          + " "
          + AxisText.size(size)
          + " depth "
          + depth
          + " "
          + temperature
          + " "
          + engine;
    }
  }
}
