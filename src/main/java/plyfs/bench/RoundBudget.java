package plyfs.bench;

/**
 * Decides how many rounds to measure for each case: a fixed number, or as many as the time permits.
 */
final class RoundBudget {
  /** As many as {@link Comparison} needs. */
  static final int FEWEST = Comparison.FEWEST;

  static final int MOST = 9;
  private static final double SECONDS = 165;

  private final int fixed;
  private final int groups;
  private int groupsDone;
  private int roundsDone;

  /**
   * A budget.
   *
   * @param fixed rounds of each group; 0 for as many as the time permits
   * @param groups number of groups of rounds
   */
  RoundBudget(int fixed, int groups) {
    this.fixed = fixed;
    this.groups = groups;
  }

  /**
   * Number of rounds for the next group.
   *
   * @param secondsSoFar since the first group began
   */
  int next(double secondsSoFar) {
    if (fixed > 0) {
      return fixed;
    }
    if (roundsDone == 0) {
      return FEWEST;
    }
    double ofEach = secondsSoFar / roundsDone;
    double left = (SECONDS - secondsSoFar) / Math.max(1, groups - groupsDone);
    return (int) Math.max(FEWEST, Math.min(MOST, left / Math.max(ofEach, 1e-3)));
  }

  void done(int rounds) {
    groupsDone++;
    roundsDone += rounds;
  }

  int groupsDone() {
    return groupsDone;
  }

  int groups() {
    return groups;
  }

  /** Estimated seconds until the end; -1 at the beginning. */
  long secondsLeft(double secondsSoFar) {
    return groupsDone == 0 ? -1 : Math.round(secondsSoFar / groupsDone * (groups - groupsDone));
  }
}
