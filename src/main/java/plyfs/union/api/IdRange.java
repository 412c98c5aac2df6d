package plyfs.union.api;

/**
 * Consecutive ids, as the layers store them and as the mount shows them: {@code stored + i} is
 * shown as {@code shown + i} for {@code i} from 0 to {@code count - 1}.
 *
 * @param stored first id in the layers, 0 to {@link #MOST}
 * @param shown first id in the mount, 0 to {@link #MOST}
 * @param count how many, at least 1; no id exceeds {@link #MOST}
 */
public record IdRange(long stored, long shown, long count) {
  /** The largest id; the next number, 2^32 - 1, means none. */
  public static final long MOST = 0xfffffffeL;

  /** Whether an id, stored or shown, is in both ranges. */
  public boolean overlaps(IdRange other) {
    return meet(stored, count, other.stored, other.count)
        || meet(shown, count, other.shown, other.count);
  }

  private static boolean meet(long first, long count, long otherFirst, long otherCount) {
    return first < otherFirst + otherCount && otherFirst < first + count;
  }
}
