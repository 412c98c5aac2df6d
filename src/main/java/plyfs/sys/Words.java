package plyfs.sys;

import java.nio.ByteOrder;

/**
 * Splits a 64-bit word into two 32-bit numbers, in memory order.
 *
 * <p>Kernel structs are read and written as words, which are copied from and to native memory at
 * once: an access to a direct buffer goes through about ten methods, and until they are compiled it
 * costs half as much as the copy.
 */
public final class Words {
  /** Shift of the first and of the second number in a word. */
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

  /** Splits a 32-bit number into two of 16 bits: the one at the lower address. */
  public static int firstShort(int number) {
    return number >>> FIRST / 2 & 0xffff;
  }

  /** A 32-bit number from two of 16 bits. */
  static int ofShorts(int first, int second) {
    return (first & 0xffff) << FIRST / 2 | (second & 0xffff) << SECOND / 2;
  }

  /** A word from two numbers. */
  public static long pair(int first, int second) {
    return (first & LOW) << FIRST | (second & LOW) << SECOND;
  }
}
