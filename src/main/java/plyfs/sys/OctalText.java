package plyfs.sys;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;

/**
 * Bytes as one word of a text file, with blanks, control bytes and the backslash as {@code \ooo},
 * as in /proc/self/mountinfo. The text has one character for each byte.
 */
public final class OctalText {
  private OctalText() {}

  /** Encodes bytes. */
  public static String encode(byte[] bytes) {
    StringBuilder text = new StringBuilder(bytes.length);
    for (byte b : bytes) {
      int value = b & 0xff;
      if (value <= ' ' || value == '\\' || value == 0x7f) {
        text.append('\\')
            .append((char) ('0' + (value >> 6)))
            .append((char) ('0' + (value >> 3 & 7)))
            .append((char) ('0' + (value & 7)));
      } else {
        text.append((char) value);
      }
    }
    return text.toString();
  }

  /** Decodes a text. */
  public static byte[] decode(String text) {
    byte[] raw = text.getBytes(ISO_8859_1);
    ByteArrayOutputStream out = new ByteArrayOutputStream(raw.length);
    for (int i = 0; i < raw.length; i++) {
      if (raw[i] == '\\' && i + 3 < raw.length) {
        out.write((raw[i + 1] - '0') << 6 | (raw[i + 2] - '0') << 3 | raw[i + 3] - '0');
        i += 3;
      } else {
        out.write(raw[i]);
      }
    }
    return out.toByteArray();
  }
}
