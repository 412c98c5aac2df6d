package plyfs.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * The name of a mount's log file: its mount point with {@code -} for each slash, and {@code %} and
 * two hexadecimal digits for each byte that is not a letter, a digit, {@code .} or {@code _}.
 * Different mount points have different names.
 */
final class LogName {
  private static final String END = ".log";

  /** A name has 255 bytes, and {@code .old} may follow. */
  private static final int MOST = 240;

  private static final int KEPT_OF_LONG = 150;
  private static final int DIGEST_BYTES = 16;

  private LogName() {}

  /**
   * The name for a mount point.
   *
   * @param path absolute, without symbolic links
   */
  static byte[] of(byte[] path) {
    StringBuilder name = new StringBuilder(path.length + END.length());
    for (int i = path.length > 1 ? 1 : 0; i < path.length; i++) {
      append(name, path[i]);
    }
    if (name.length() > MOST) {
      name.setLength(KEPT_OF_LONG);
      name.append('~').append(digest(path));
    }
    return name.append(END).toString().getBytes(US_ASCII);
  }

  private static void append(StringBuilder name, byte each) {
    boolean plain =
        each >= 'a' && each <= 'z'
            || each >= 'A' && each <= 'Z'
            || each >= '0' && each <= '9'
            || each == '_'
            || each == '.' && name.length() > 0;
    if (plain) {
      name.append((char) each);
    } else if (each == '/') {
      name.append('-');
    } else {
      name.append('%');
      name.append(Character.forDigit(each >> 4 & 15, 16)).append(Character.forDigit(each & 15, 16));
    }
  }

  private static String digest(byte[] path) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(path);
      return HexFormat.of().formatHex(Arrays.copyOf(digest, DIGEST_BYTES));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e); // every Java has it
    }
  }
}
