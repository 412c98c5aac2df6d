package plyfs.bench;

import org.jspecify.annotations.Nullable;

/** Hears what a run does, as it goes on. */
public interface BenchListener {
  /** A sentence about what is left out, or what a number does not mean. */
  void notice(String sentence);

  /** A file system is measured next. */
  void place(String title);

  /**
   * A case was measured with all engines; its lines follow.
   *
   * @param title pattern, size, depth and temperature
   * @param done cases that are done, of {@code total}
   * @param secondsLeft until all are done; below zero if that cannot be told
   */
  void group(String title, int done, int total, long secondsLeft);

  /** One line of a case. */
  void row(Row row);

  /** What is being done now, for a line that is written anew. */
  void progress(String text);

  /**
   * What is shown of a case with one engine; durations and ratios as text, empty where there is
   * none.
   *
   * @param method how data was copied
   * @param failure why there are no samples; null if there are
   */
  record Row(
      String engine,
      String firstByte,
      String firstByteToKernel,
      String durable,
      String durableToKernel,
      String method,
      @Nullable String failure) {}
}
