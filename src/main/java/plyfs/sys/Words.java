package plyfs.sys;

import java.nio.ByteOrder;

/**
 * Two numbers of 32 bits in a word of 64, in the order in which they lie in memory.
 *
 * <p>Structs of the kernel are read and written as words, which are copied from and to native
 * memory together: each access to a direct buffer is some ten methods deep, and costs as much as
 * half a copy until they are compiled.
 */
public final class Words {
  /** How far a word is to be shifted for the first of its two numbers, and for the second. */
  private static final int FIRST = ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN ? 32 : 0;

  private static final int SECOND = 32 - FIRST;
  private static final long LOW = 0xffffffffL;

  private Words() {}

  /** The number at the lower address. */
  public static int first(long word) {
    return (int) (word >>> FIRST);
  }

  /** The number at the higher address. */
  public static int second(long word) {
    return (int) (word >>> SECOND);
  }

  /** The two numbers of 16 bits of one of 32: the one at the lower address. */
  public static int firstShort(int number) {
    return number >>> FIRST / 2 & 0xffff;
  }

  /** A number of 32 bits of two of 16. */
  static int ofShorts(int first, int second) {
    return (first & 0xffff) << FIRST / 2 | (second & 0xffff) << SECOND / 2;
  }

  /** A word of two numbers. */
  public static long pair(int first, int second) {
    return (first & LOW) << FIRST | (second & LOW) << SECOND;
  }
}
