package plyfs.union;

import java.util.Arrays;

/**
 * A snapshot of the entries of a directory, in memory close together: names in one array of bytes,
 * with where each starts, its type and its inode number.
 */
final class Listing {
  private byte[] names = new byte[512];
  private int[] ends = new int[32];
  private byte[] types = new byte[32];
  private long[] numbers = new long[32];
  private int count;

  /**
   * Adds an entry.
   *
   * @param type {@code DT_*}
   * @param number inode number that programs see; 0 if it has to be looked up
   */
  void add(byte[] name, int type, long number) {
    int start = count == 0 ? 0 : ends[count - 1];
    if (start + name.length > names.length) {
      names = Arrays.copyOf(names, Math.max(names.length * 2, start + name.length));
    }
    if (count == ends.length) {
      ends = Arrays.copyOf(ends, count * 2);
      types = Arrays.copyOf(types, count * 2);
      numbers = Arrays.copyOf(numbers, count * 2);
    }
    System.arraycopy(name, 0, names, start, name.length);
    ends[count] = start + name.length;
    types[count] = (byte) type;
    numbers[count] = number;
    count++;
  }

  int size() {
    return count;
  }

  byte[] name(int index) {
    return Arrays.copyOfRange(names, index == 0 ? 0 : ends[index - 1], ends[index]);
  }

  int type(int index) {
    return types[index];
  }

  long number(int index) {
    return numbers[index];
  }
}
