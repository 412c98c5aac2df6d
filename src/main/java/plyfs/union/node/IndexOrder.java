package plyfs.union.node;

import java.util.function.IntBinaryOperator;

/**
 * Puts indices into the order of their keys: a merge sort of numbers, in memory that holds nothing
 * else.
 *
 * @implNote the library sorts indices by keys only as objects; the compiler made and discarded its
 *     large methods at least 16 times in six walks of three Debian layers
 *     (docs/benchmarks/levers.md)
 */
public final class IndexOrder {
  /** So many are sorted by insertion. */
  private static final int RUN = 8;

  private final long[] keys;
  private final IntBinaryOperator ties;

  private IndexOrder(long[] keys, IntBinaryOperator ties) {
    this.keys = keys;
    this.ties = ties;
  }

  /**
   * The indices of an array in the order of its values.
   *
   * @param ties compares two indices of equal keys, as a comparator does
   */
  public static int[] of(long[] keys, IntBinaryOperator ties) {
    return new IndexOrder(keys, ties).sorted();
  }

  private int[] sorted() {
    int count = keys.length;
    int[] from = new int[count];
    for (int start = 0; start < count; start += RUN) {
      insert(from, start, Math.min(start + RUN, count));
    }
    int[] to = count <= RUN ? from : new int[count];
    for (int run = RUN; run < count; run *= 2) {
      for (int start = 0; start < count; start += 2 * run) {
        int middle = Math.min(start + run, count);
        merge(from, start, middle, Math.min(middle + run, count), to);
      }
      int[] merged = to;
      to = from;
      from = merged;
    }
    return from;
  }

  private void insert(int[] order, int start, int end) {
    for (int index = start; index < end; index++) {
      int at = index;
      while (at > start && isBefore(index, order[at - 1])) {
        order[at] = order[at - 1];
        at--;
      }
      order[at] = index;
    }
  }

  private void merge(int[] from, int start, int middle, int end, int[] to) {
    int left = start;
    int right = middle;
    for (int at = start; at < end; at++) {
      boolean takesRight = left == middle || (right < end && isBefore(from[right], from[left]));
      to[at] = takesRight ? from[right++] : from[left++];
    }
  }

  private boolean isBefore(int a, int b) {
    return keys[a] != keys[b] ? keys[a] < keys[b] : ties.applyAsInt(a, b) < 0;
  }
}
