package plyfs.union.node;

import java.util.BitSet;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;

/**
 * Gives out the ids of nodes: {@code generation << 32 | slot}, both 31 bits. The first one is 1.
 *
 * <p>An id never comes back: a slot that is given out again has a higher generation, and when it
 * has had all of them it is used no more. Slots lie in pages; {@link #trim} gives up pages of which
 * no slot is in use, and of such a page only one number is kept, a generation that none of its
 * slots has had yet. Not safe for threads.
 */
public final class NodeIds {
  static final int PAGE_BITS = 12;
  public static final int PAGE_SIZE = 1 << PAGE_BITS;
  public static final int PAGES = 1 << 14;

  private static final long GENERATION = 1L << 32;

  /** Ids of slots that were in use, one generation on. */
  private final FreeIds free = new FreeIds();

  /** The id of the first slot of each page that was given up, all of whose slots begin with it. */
  private final FreeIds idlePages = new FreeIds();

  /** How many pages have been begun. The first one is never idle, because no node gets slot 0. */
  private int pages = 1;

  /** The next id of the page begun last. */
  private long next = NodeTable.ROOT_ID;

  /** How many slots of that page have not been given out since it was begun. */
  private int left = PAGE_SIZE - 1;

  /**
   * An id that was never given out.
   *
   * @throws ErrnoException ENFILE if all slots are in use
   */
  public long take() throws ErrnoException {
    long again = free.poll();
    if (again != FreeIds.NONE) {
      return again;
    }
    if (left == 0) {
      beginPage();
    }
    left--;
    return next++;
  }

  private void beginPage() throws ErrnoException {
    long first = idlePages.poll();
    if (first == FreeIds.NONE) {
      if (pages == PAGES) {
        throw ErrnoException.of(Errno.ENFILE);
      }
      first = (long) pages++ << PAGE_BITS;
    }
    next = first;
    left = PAGE_SIZE;
  }

  /** Ends the use of an id. */
  public void giveBack(long id) {
    long again = id + GENERATION;
    if (again > 0) {
      free.add(again);
    }
  }

  /** The page of an id. */
  public static int pageOf(long id) {
    return (int) id >>> PAGE_BITS;
  }

  /**
   * Gives up pages of which no slot is in use. Looks at each free id, which takes some milliseconds
   * for a million.
   *
   * @return the numbers of these pages
   */
  public BitSet trim() {
    int[] unused = new int[pages];
    long[] begin = new long[pages];
    if (left > 0) {
      unused[pageOf(next)] = left;
      begin[pageOf(next)] = next & -GENERATION;
    }
    free.forEach(
        id -> {
          int page = pageOf(id);
          unused[page]++;
          begin[page] = Math.max(begin[page], id & -GENERATION);
        });
    BitSet idle = new BitSet(pages);
    for (int page = 0; page < pages; page++) {
      if (unused[page] == PAGE_SIZE) {
        idle.set(page);
        idlePages.add(begin[page] | (long) page << PAGE_BITS);
      }
    }
    if (left > 0 && idle.get(pageOf(next))) {
      left = 0;
    }
    free.removeIf(id -> idle.get(pageOf(id)));
    return idle;
  }

  /** For how many free ids there is room now. */
  public int room() {
    return free.room() + idlePages.room();
  }
}
