package plyfs.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class RequestCountsTest {
  @Test
  void countsOfRunningAndEndedWorkers_addUp() {
    RequestCounts counts = new RequestCounts();
    assertThat(counts.text()).isEqualTo("0");
    long[] one = counts.begin();
    long[] other = counts.begin();
    one[Opcode.LOOKUP.ordinal()] = 2;
    other[Opcode.LOOKUP.ordinal()] = 3;
    other[Opcode.WRITE.ordinal()] = 4;
    counts.end(one);
    counts.end(one);
    assertThat(counts.text()).isEqualTo("9: LOOKUP 5, WRITE 4");
  }
}
