package plyfs.sys;

import java.util.Arrays;

/**
 * The ranks of the locks that a thread holds, in the order of locking. Used only with {@code -ea}.
 */
final class HeldRanks {
  private static final ThreadLocal<HeldRanks> CURRENT = ThreadLocal.withInitial(HeldRanks::new);

  private int[] ranks = new int[8];
  private int count;

  private HeldRanks() {}

  static boolean mayTake(int rank) {
    HeldRanks held = CURRENT.get();
    for (int i = 0; i < held.count; i++) {
      if (held.ranks[i] >= rank) {
        return false;
      }
    }
    return true;
  }

  static String complaint(int rank) {
    HeldRanks held = CURRENT.get();
    return "lock of rank "
        + rank
        + " wanted while holding ranks "
        + Arrays.toString(Arrays.copyOf(held.ranks, held.count));
  }

  static boolean taken(int rank) {
    HeldRanks held = CURRENT.get();
    if (held.count == held.ranks.length) {
      held.ranks = Arrays.copyOf(held.ranks, held.count * 2);
    }
    held.ranks[held.count++] = rank;
    return true;
  }

  static boolean released(int rank) {
    HeldRanks held = CURRENT.get();
    for (int i = held.count - 1; i >= 0; i--) {
      if (held.ranks[i] == rank) {
        System.arraycopy(held.ranks, i + 1, held.ranks, i, held.count - i - 1);
        held.count--;
        return true;
      }
    }
    throw new AssertionError("a lock of rank " + rank + " is given back that is not held");
  }

  static boolean noneHeld() {
    return CURRENT.get().count == 0;
  }
}
