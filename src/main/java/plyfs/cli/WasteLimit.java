package plyfs.cli;

import java.math.BigDecimal;
import plyfs.sys.ByteCount;

/**
 * How much of an image may be wasted: a size, or a part of all bytes.
 *
 * @param given as it was written
 * @param amount bytes or per cent
 * @param isPart whether it is per cent of all bytes
 */
record WasteLimit(String given, double amount, boolean isPart) {
  /**
   * Reads {@code 50MB}, {@code 50MiB}, {@code 10%} or {@code 1000}.
   *
   * @throws CommandFailure it is none of these
   */
  static WasteLimit parse(String text) throws CommandFailure {
    try {
      if (!text.endsWith("%")) {
        return new WasteLimit(text, ByteCount.parse(text), false);
      }
      double part = new BigDecimal(text.substring(0, text.length() - 1)).doubleValue();
      if (part >= 0 && part <= 100) {
        return new WasteLimit(text, part, true);
      }
    } catch (IllegalArgumentException e) {
      throw wrong(text);
    }
    throw wrong(text);
  }

  private static CommandFailure wrong(String text) {
    return new CommandFailure(
        CommandFailure.USAGE,
        "option '--max-wasted' needs a size or a part, such as 50MB, 50MiB or 10%: '" + text + "'");
  }

  /** Whether as much of so many bytes is too much. */
  boolean isExceeded(long wasted, long all) {
    return isPart ? all > 0 && 100.0 * wasted / all > amount : wasted > amount;
  }

  @Override
  public String toString() {
    return given;
  }
}
