package plyfs.union;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import plyfs.union.node.FreeIds;

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

  @Test
  void thoseThatAreTakenAway_leaveTheOthersInTheirOrder_andNoRoom() {
    for (long id = 1; id <= 100; id++) {
      ids.add(id);
    }
    for (int i = 0; i < 90; i++) {
      ids.poll();
    }
    for (long id = 101; id <= 1000; id++) { // round the end of the ring
      ids.add(id);
    }
    ids.removeIf(id -> id % 20 != 0);
    assertThat(ids.room()).isEqualTo(128);
    List<Long> told = new ArrayList<>();
    ids.forEach(told::add);
    assertThat(told).hasSize(46).startsWith(100L, 120L).isSorted();
    assertThat(ids.size()).isEqualTo(46);
    for (long id : told) {
      assertThat(ids.poll()).isEqualTo(id);
    }
    ids.removeIf(id -> true);
    assertThat(ids.poll()).isEqualTo(FreeIds.NONE);
  }
}
