package plyfs.union.node;

/**
 * A map from numbers to numbers, 32 to 64 bytes an entry. 0 is no key and no value. Not for several
 * threads at once.
 */
public final class LongTable {
  private static final int FEWEST = 16;

  /** Key and value by turns; a key of 0 is a free place. At most half of the places are taken. */
  private long[] entries = new long[2 * FEWEST];

  private int count;

  /** Value of a key; 0 if it has none. */
  public long get(long key) {
    return entries[placeOf(key) + 1];
  }

  /** Gives a key a value, instead of the one that it may have. */
  public void put(long key, long value) {
    int place = placeOf(key);
    if (entries[place] == 0) {
      if (2 * (count + 1) > entries.length / 2) {
        grow();
        place = placeOf(key);
      }
      entries[place] = key;
      count++;
    }
    entries[place + 1] = value;
  }

  /** Where a key is, or would be. */
  private int placeOf(long key) {
    int mask = entries.length - 1;
    int place = 2 * hash(key) & mask;
    while (entries[place] != 0 && entries[place] != key) {
      place = place + 2 & mask;
    }
    return place;
  }

  private void grow() {
    long[] old = entries;
    entries = new long[2 * old.length];
    for (int i = 0; i < old.length; i += 2) {
      if (old[i] != 0) {
        int place = placeOf(old[i]);
        entries[place] = old[i];
        entries[place + 1] = old[i + 1];
      }
    }
  }

  /** Spreads numbers, which often follow each other, over all bits. */
  static int hash(long number) {
    return (int) (number * 0x9E3779B97F4A7C15L >>> 32);
  }
}
