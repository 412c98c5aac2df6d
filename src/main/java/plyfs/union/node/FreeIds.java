package plyfs.union.node;

import java.util.function.LongConsumer;
import java.util.function.LongPredicate;

/**
 * Ids that can be given out again, the one that has been free for longest first. Takes eight bytes
 * for each, and gives the memory back when most have been taken. Not safe for threads.
 */
public final class FreeIds {
  /** Stands for none: no node has this id. */
  public static final long NONE = 0;

  private static final int SMALLEST = 64;

  /** A ring, whose length is a power of two. */
  private long[] ids = new long[SMALLEST];

  private int first;
  private int count;

  public void add(long id) {
    if (count == ids.length) {
      resize(ids.length * 2);
    }
    ids[first + count & ids.length - 1] = id;
    count++;
  }

  /** Takes the oldest away; {@link #NONE} if there is none. */
  public long poll() {
    if (count == 0) {
      return NONE;
    }
    long id = ids[first];
    first = first + 1 & ids.length - 1;
    count--;
    if (ids.length > SMALLEST && count < ids.length / 4) {
      resize(ids.length / 2);
    }
    return id;
  }

  /** Tells all of them, the oldest first. */
  public void forEach(LongConsumer told) {
    for (int i = 0; i < count; i++) {
      told.accept(ids[first + i & ids.length - 1]);
    }
  }

  /** Takes some away, and gives back the memory that the others do not need. */
  public void removeIf(LongPredicate leaves) {
    int kept = 0;
    for (int i = 0; i < count; i++) {
      long id = ids[first + i & ids.length - 1];
      if (!leaves.test(id)) {
        ids[first + kept & ids.length - 1] = id;
        kept++;
      }
    }
    count = kept;
    int length = ids.length;
    while (length > SMALLEST && count < length / 4) {
      length /= 2;
    }
    if (length < ids.length) {
      resize(length);
    }
  }

  public int size() {
    return count;
  }

  /** How many there is room for now. */
  public int room() {
    return ids.length;
  }

  private void resize(int length) {
    long[] moved = new long[length];
    for (int i = 0; i < count; i++) {
      moved[i] = ids[first + i & ids.length - 1];
    }
    ids = moved;
    first = 0;
  }
}
