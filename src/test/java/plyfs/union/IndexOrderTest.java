package plyfs.union;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import plyfs.union.node.IndexOrder;

final class IndexOrderTest {
  /** Few different keys, so that many are equal; then later indices come first. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 7, 8, 9, 15, 16, 17, 31, 100, 1000, 4097})
  void order_isThatOfAStableSort(int count) {
    Random random = new Random(count);
    for (long kinds : new long[] {1, 3, Long.MAX_VALUE}) {
      long[] keys = random.longs(count, -kinds, kinds).toArray();
      int[] expected =
          IntStream.range(0, count)
              .boxed()
              .sorted(
                  Comparator.<Integer>comparingLong(i -> keys[i])
                      .thenComparing(Comparator.reverseOrder()))
              .mapToInt(i -> i)
              .toArray();
      assertThat(IndexOrder.of(keys, (a, b) -> Integer.compare(b, a))).isEqualTo(expected);
    }
  }
}
