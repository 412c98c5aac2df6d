package plyfs.union.mark;

import static java.nio.charset.StandardCharsets.US_ASCII;

import org.jspecify.annotations.Nullable;

/**
 * The nlink mark of an indexed inode: how many names the union shows, as the difference from the
 * count of the upper inode, {@code U+n} or {@code U-n}, or from that of the lower one, {@code L+n}
 * or {@code L-n}. Which of the two is written depends on what is about to change: a link made by
 * copy-up changes the count of the upper inode only, any other change alters both alike. So the
 * mark is true before and after the one system call that follows it.
 *
 * @implNote Linux fs/overlayfs/inode.c, ovl_set_nlink_upper, ovl_set_nlink_lower, ovl_get_nlink
 */
public final class LinkMark {
  private static final int MOST_DIGITS = 9;

  private LinkMark() {}

  public static String againstUpper(int difference) {
    return format('U', difference);
  }

  public static String againstLower(int difference) {
    return format('L', difference);
  }

  private static String format(char base, int difference) {
    return base + (difference < 0 ? "" : "+") + difference;
  }

  /** The text of a value; null if it is malformed. */
  public static @Nullable String text(byte @Nullable [] value) {
    if (value == null || value.length < 3 || value.length > 2 + MOST_DIGITS) {
      return null;
    }
    String text = new String(value, US_ASCII);
    boolean known = (text.charAt(0) == 'U' || text.charAt(0) == 'L') && isSign(text.charAt(1));
    return known && text.substring(2).chars().allMatch(c -> c >= '0' && c <= '9') ? text : null;
  }

  private static boolean isSign(char sign) {
    return sign == '+' || sign == '-';
  }

  /**
   * How many names the union shows.
   *
   * @param fallback for a value that is absent, malformed or leaves no name
   */
  public static int links(byte @Nullable [] value, int lowerLinks, int upperLinks, int fallback) {
    String text = text(value);
    if (text == null) {
      return fallback;
    }
    int links =
        (text.charAt(0) == 'L' ? lowerLinks : upperLinks) + Integer.parseInt(text.substring(1));
    return links > 0 ? links : fallback;
  }
}
