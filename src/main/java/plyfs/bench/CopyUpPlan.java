package plyfs.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What a run measures.
 *
 * <p>Unless all combinations are asked for, one thing is varied at a time: sizes with the first
 * pattern at the smallest depth, depths with the first pattern at the smallest size, patterns at
 * the middle size and the smallest depth.
 *
 * @param sizes bytes, ascending
 * @param depths ascending
 * @param engines the list as it was given
 * @param fileSystems types; empty for that of the directory alone
 * @param rounds samples of each case; 0 for as many as fit into about three minutes, and no fewer
 *     than {@link RoundBudget#FEWEST}
 * @param warmUps changes that a daemon makes before a warm sample
 * @param isCross whether all combinations are measured
 * @param directory where everything is made
 * @param command the words that the person gave
 */
public record CopyUpPlan(
    List<Long> sizes,
    List<Integer> depths,
    List<ChangePattern> patterns,
    String engines,
    List<String> fileSystems,
    int rounds,
    int warmUps,
    boolean isCross,
    long seed,
    Path directory,
    String command) {
  /**
   * Copies that may exist at the same time besides the layers: an upper file, and one in
   * preparation.
   */
  private static final int COPIES = 2;

  private static final long SLACK_BYTES = 64L << 20;

  /** The points to measure, each once, in this order. */
  List<Point> points() {
    Set<Point> points = new LinkedHashSet<>();
    if (isCross) {
      for (ChangePattern pattern : patterns) {
        for (long size : sizes) {
          depths.forEach(depth -> points.add(new Point(pattern, size, depth)));
        }
      }
      return List.copyOf(points);
    }
    sizes.forEach(size -> points.add(new Point(patterns.get(0), size, depths.get(0))));
    depths.forEach(depth -> points.add(new Point(patterns.get(0), sizes.get(0), depth)));
    patterns.forEach(pattern -> points.add(new Point(pattern, patternSize(), depths.get(0))));
    return new ArrayList<>(points);
  }

  /**
   * The size at which patterns are compared: the middle one, or the upper of the two middle ones.
   */
  long patternSize() {
    return sizes.get(sizes.size() / 2);
  }

  /** Bytes that must be free on each file system. */
  long bytesNeeded() {
    Set<String> seen = new LinkedHashSet<>();
    long layers = 0;
    long largest = 0;
    for (Point point : points()) {
      if (seen.add(point.directory())) {
        layers += point.bytes();
      }
      largest = Math.max(largest, point.bytes());
    }
    return layers + COPIES * largest + SLACK_BYTES;
  }
}
