package plyfs.union;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import plyfs.sys.ErrnoException;
import plyfs.union.node.NodeIds;
import plyfs.union.node.NodeTable;

/** The ids of nodes: SEMANTICS 4.26. */
final class NodeIdsTest {
  private final NodeIds ids = new NodeIds();

  private List<Long> take(int count) throws ErrnoException {
    List<Long> taken = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      taken.add(ids.take());
    }
    return taken;
  }

  private void giveBack(List<Long> taken) {
    taken.forEach(ids::giveBack);
  }

  private static int slot(long id) {
    return (int) id;
  }

  @Test
  void theFirstIsTheRoot_andSlotsComeAgainWithAnotherGeneration() throws ErrnoException {
    assertThat(ids.take()).isEqualTo(NodeTable.ROOT_ID);
    long id = ids.take();
    ids.giveBack(id);
    assertThat(ids.take()).isEqualTo(id + (1L << 32));
  }

  @Test
  void trim_givesUpEachPageOfWhichNoSlotIsInUse_andNoOther() throws ErrnoException {
    List<Long> taken =
        take(5 * NodeIds.PAGE_SIZE + 10); // the root's page, four more, and a begun one
    long kept = taken.remove(2 * NodeIds.PAGE_SIZE + 5);
    long root = taken.remove(0);
    giveBack(taken);
    assertThat(ids.trim()).isEqualTo(BitSet.valueOf(new long[] {0b111010}));
    assertThat(NodeIds.pageOf(root)).isZero();
    assertThat(NodeIds.pageOf(kept)).isEqualTo(2);
    assertThat(ids.trim()).as("again").isEqualTo(new BitSet());
  }

  @Test
  void idsAfterTrim_wereNeverGivenOut_andFillTheSamePages() throws ErrnoException {
    Set<Long> seen = new HashSet<>();
    int count = 3 * NodeIds.PAGE_SIZE + 100;
    for (int round = 0; round < 20; round++) {
      List<Long> taken = take(count);
      assertThat(taken).as("new in round %s", round).allMatch(seen::add);
      assertThat(taken)
          .as("slots in round %s", round)
          .allMatch(id -> slot(id) < 4 * NodeIds.PAGE_SIZE);
      giveBack(taken);
      ids.trim();
    }
  }

  @Test
  void aBegunPage_isNotGivenUpWhileOneOfItsSlotsIsInUse() throws ErrnoException {
    take(NodeIds.PAGE_SIZE - 1);
    long kept = ids.take();
    assertThat(NodeIds.pageOf(kept)).isEqualTo(1);
    assertThat(ids.trim()).isEqualTo(new BitSet());
    assertThat(ids.take()).as("the page goes on").isEqualTo(kept + 1);
  }

  @Test
  void roomForAMillion_isGivenBackByTrim() throws ErrnoException {
    ids.take();
    giveBack(take(1_000_000));
    assertThat(ids.room()).isGreaterThanOrEqualTo(1_000_000);
    ids.trim();
    assertThat(ids.room()).isLessThan(3 * NodeIds.PAGE_SIZE);
  }

  @Test
  void aSlotThatHadAllGenerations_isUsedNoMore_norIsItsPageGivenUp() throws ErrnoException {
    take(NodeIds.PAGE_SIZE - 1);
    List<Long> page = take(NodeIds.PAGE_SIZE);
    giveBack(page.subList(1, page.size()));
    ids.giveBack((long) Integer.MAX_VALUE << 32 | slot(page.get(0)));
    assertThat(ids.trim()).isEqualTo(new BitSet());
    assertThat(take(NodeIds.PAGE_SIZE))
        .allMatch(id -> id > 0)
        .noneMatch(id -> slot(id) == slot(page.get(0)));
  }

  @Test
  void withAllSlotsInUse_thereIsNone_andThoseOfIdlePagesAreFoundAgain() throws ErrnoException {
    int all = NodeIds.PAGES * NodeIds.PAGE_SIZE;
    long last = 0;
    for (int i = 1; i < all; i++) {
      last = ids.take();
    }
    assertThat(last).isEqualTo(all - 1);
    assertThatThrownBy(ids::take).isInstanceOf(ErrnoException.class).hasMessageContaining("ENFILE");
    for (int slot = 7 * NodeIds.PAGE_SIZE; slot < 8 * NodeIds.PAGE_SIZE; slot++) {
      ids.giveBack(slot);
    }
    assertThat(ids.trim()).isEqualTo(BitSet.valueOf(new long[] {1 << 7}));
    assertThat(new HashSet<>(take(NodeIds.PAGE_SIZE))).hasSize(NodeIds.PAGE_SIZE);
    assertThatThrownBy(ids::take).isInstanceOf(ErrnoException.class).hasMessageContaining("ENFILE");
  }

  @Test
  void anyOrderOfTakingGivingBackAndTrimming_repeatsNoId_andNoSlotTwiceAtOnce()
      throws ErrnoException {
    Random random = new Random(4711);
    Map<Integer, Long> lastOfSlot = new HashMap<>();
    Deque<Long> used = new ArrayDeque<>();
    Set<Integer> slotsInUse = new HashSet<>();
    for (int round = 0; round < 200; round++) {
      for (int i = random.nextInt(3 * NodeIds.PAGE_SIZE); i > 0; i--) {
        long id = ids.take();
        assertThat(slotsInUse.add(slot(id))).isTrue();
        Long last = lastOfSlot.put(slot(id), id);
        assertThat(last == null || last < id).isTrue();
        used.add(id);
      }
      for (int i = random.nextInt(used.size() + 1); i > 0; i--) {
        long id = random.nextBoolean() ? used.removeFirst() : used.removeLast();
        slotsInUse.remove(slot(id));
        ids.giveBack(id);
      }
      BitSet idle = random.nextInt(3) == 0 ? ids.trim() : new BitSet();
      assertThat(used).noneMatch(id -> idle.get(NodeIds.pageOf(id)));
    }
  }
}
