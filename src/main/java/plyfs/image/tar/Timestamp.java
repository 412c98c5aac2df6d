package plyfs.image.tar;

/**
 * A point in time as file systems keep it.
 *
 * @param seconds since 1970, negative before
 * @param nanos 0 to 999 999 999, counted forward also from negative seconds
 */
public record Timestamp(long seconds, int nanos) {
  public static final Timestamp EPOCH = new Timestamp(0, 0);
  private static final int DIGITS = 9;

  /**
   * From decimal seconds, such as {@code -1.5}, which is half a second after -2. Digits beyond
   * nanoseconds are cut off.
   *
   * @param text checked by the caller
   */
  public static Timestamp ofDecimal(String text) {
    boolean negative = text.startsWith("-");
    int point = text.indexOf('.');
    String whole = text.substring(negative ? 1 : 0, point < 0 ? text.length() : point);
    String fraction = point < 0 ? "" : text.substring(point + 1);
    String digits = (fraction + "000000000").substring(0, DIGITS);
    long seconds = Long.parseLong(whole);
    int nanos = Integer.parseInt(digits);
    if (!negative) {
      return new Timestamp(seconds, nanos);
    }
    return nanos == 0
        ? new Timestamp(-seconds, 0)
        : new Timestamp(-seconds - 1, 1_000_000_000 - nanos);
  }

  /** Decimal seconds, all nine digits where there is a fraction. */
  public String toDecimal() {
    if (nanos == 0) {
      return Long.toString(seconds);
    }
    boolean negative = seconds < 0;
    long whole = negative ? -(seconds + 1) : seconds;
    int fraction = negative ? 1_000_000_000 - nanos : nanos;
    return (negative ? "-" : "") + whole + String.format(".%09d", fraction);
  }
}
