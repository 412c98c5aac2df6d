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
    one[Opcode.LOOKUP.number()] = 2;
    other[Opcode.LOOKUP.number()] = 3;
    other[Opcode.WRITE.number()] = 4;
    counts.end(one);
    counts.end(one);
    assertThat(counts.text()).isEqualTo("9: LOOKUP 5, WRITE 4");
  }
}
