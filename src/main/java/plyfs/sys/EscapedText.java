package plyfs.sys;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.util.HexFormat;

/**
 * Converts bytes to text for a person and for JSON. Visible UTF-8 characters stay unchanged. Every
 * other byte becomes {@code \xHH}: bytes of invalid UTF-8, and characters that move the cursor, end
 * the line, or are invisible and affect other characters. A backslash is doubled, so that the text
 * is unambiguous: {@code \xff} is one byte, {@code \\xff} four.
 */
public final class EscapedText {
  private final StringBuilder text;
  private final ByteBuffer in;

  private EscapedText(byte[] bytes) {
    this.text = new StringBuilder(bytes.length);
    this.in = ByteBuffer.wrap(bytes);
  }

  /** The text of bytes. */
  public static String of(byte[] bytes) {
    if (isPlain(bytes)) {
      return new String(bytes, US_ASCII);
    }
    EscapedText escaped = new EscapedText(bytes);
    escaped.decode();
    return escaped.text.toString();
  }

  /** True for most names; the start of a mount then needs no other code of this class. */
  private static boolean isPlain(byte[] bytes) {
    for (byte b : bytes) {
      if (b < ' ' || b == 0x7f || b == '\\') {
        return false;
      }
    }
    return true;
  }

  private void decode() {
    CharsetDecoder decoder = UTF_8.newDecoder();
    CharBuffer out = CharBuffer.allocate(in.remaining() + 1);
    CoderResult result;
    do {
      out.clear();
      result = decoder.reset().decode(in, out, true);
      out.flip();
      String decoded = out.toString();
      for (int i = 0; i < decoded.length(); i += Character.charCount(decoded.codePointAt(i))) {
        add(decoded.codePointAt(i));
      }
      if (result.isError()) {
        for (int i = 0; i < result.length(); i++) {
          addByte(in.get());
        }
      }
    } while (result.isError());
  }

  private void add(int character) {
    if (character == '\\') {
      text.append('\\').append('\\');
    } else if (isSeen(character)) {
      text.appendCodePoint(character);
    } else {
      for (byte b : Character.toString(character).getBytes(UTF_8)) {
        addByte(b);
      }
    }
  }

  private void addByte(byte b) {
    text.append('\\').append('x').append(HexFormat.of().toHexDigits(b));
  }

  private static boolean isSeen(int character) {
    return switch (Character.getType(character)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.SURROGATE,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }
}
