package plyfs.union;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FreeIdsTest {
  private final FreeIds ids = new FreeIds();

  @Test
  void theOldestComesFirst_alsoWhereTheRingWrapsAndGrows() {
    long next = 1;
    long expected = 1;
    for (int round = 0; round < 50; round++) {
      for (int i = 0; i < 40; i++) {
        ids.add(next++);
      }
      for (int i = 0; i < 25; i++) {
        assertThat(ids.poll()).isEqualTo(expected++);
      }
    }
    assertThat(ids.size()).isEqualTo(50 * 15);
    while (ids.size() > 0) {
      assertThat(ids.poll()).isEqualTo(expected++);
    }
    assertThat(ids.poll()).isEqualTo(FreeIds.NONE);
  }

  @Test
  void roomForAMillion_isGivenBackWhenTheyAreTaken() {
    for (long id = 1; id <= 1_000_000; id++) {
      ids.add(id);
    }
    assertThat(ids.room()).isEqualTo(1 << 20);
    while (ids.size() > 10) {
      ids.poll();
    }
    assertThat(ids.room()).isEqualTo(64);
  }
}
