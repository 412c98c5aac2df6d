package plyfs.bench;

import org.jspecify.annotations.Nullable;

/** Receives the progress of a run. */
public interface BenchListener {
  /** A notice about something that is left out, or about the meaning of a figure. */
  void notice(String sentence);

  /** The measurement of a file system begins. */
  void fileSystem(String title);

  /**
   * A case was measured with all engines; its rows follow.
   *
   * @param title pattern, size, depth and temperature
   * @param done number of finished cases of {@code total}
   * @param secondsLeft estimated time until the end; negative if unknown
   */
  void group(String title, int done, int total, long secondsLeft);

  /** One row of a case. */
  void row(Row row);

  /** The current step, for a line that is overwritten. */
  void progress(String text);

  /**
   * The results of a case with one engine. Durations and ratios are text, empty if there is none.
   *
   * @param method how data was copied
   * @param failure why there are no samples; null if there are samples
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
