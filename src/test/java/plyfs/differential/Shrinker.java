package plyfs.differential;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.sys.ErrnoException;

/** Looks for a short sequence that ends in the same kind of difference, by leaving parts out. */
final class Shrinker {
  private final Sequence sequence;
  private int attempts;

  /**
   * For one sequence.
   *
   * @param attempts runs at most
   */
  Shrinker(Sequence sequence, int attempts) {
    this.sequence = sequence;
    this.attempts = attempts;
  }

  /** The shortest that was found. */
  Sequence.Difference shrink(Sequence.Difference found) throws IOException, ErrnoException {
    Sequence.Difference best = found;
    for (int chunk = best.done().size() / 2; chunk > 0 && attempts > 0; chunk /= 2) {
      // From the end: what comes late has less that depends on it.
      for (int end = best.done().size() - 1; end > 0 && attempts > 0; end -= chunk) {
        List<Op> fewer = new ArrayList<>(best.done());
        fewer.subList(Math.max(0, end - chunk), end).clear();
        Sequence.Difference again = attempt(fewer, best.kind());
        if (again != null) {
          best = again;
        }
      }
    }
    return best;
  }

  private Sequence.@Nullable Difference attempt(List<Op> operations, String kind)
      throws IOException, ErrnoException {
    attempts--;
    Sequence.Difference difference = sequence.replay(operations);
    return difference != null && difference.kind().equals(kind) ? difference : null;
  }
}
