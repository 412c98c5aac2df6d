package plyfs.options;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.sys.Name;

/**
 * One option as it was given: {@code key} or {@code key=value}.
 *
 * @param key before the first {@code =}, one character for each byte
 * @param value after it, still with its escapes; null without {@code =}
 */
public record GivenOption(String key, byte @Nullable [] value) {
  /**
   * The options of several {@code -o} arguments, in their order.
   *
   * @throws MountOptionException as {@link #split}
   */
  public static List<GivenOption> splitAll(List<byte[]> arguments) throws MountOptionException {
    List<GivenOption> options = new ArrayList<>();
    for (byte[] argument : arguments) {
      options.addAll(split(argument));
    }
    return options;
  }

  /**
   * Splits one {@code -o} argument at its commas. A backslash escapes the next byte; the value of
   * {@code context=} and similar options may be in double quotes. Empty options are left out.
   */
  static List<GivenOption> split(byte[] argument) throws MountOptionException {
    List<GivenOption> options = new ArrayList<>();
    int start = 0;
    boolean quoted = false;
    for (int i = 0; i < argument.length; i++) {
      if (quoted) {
        quoted = argument[i] != '"';
      } else if (argument[i] == '\\') {
        i++;
      } else if (argument[i] == '"') {
        quoted = endsWithLabelKey(argument, start, i);
      } else if (argument[i] == ',') {
        add(options, argument, start, i);
        start = i + 1;
      }
    }
    add(options, argument, start, argument.length);
    return options;
  }

  private static boolean endsWithLabelKey(byte[] argument, int start, int end) {
    String before = new String(argument, start, end - start, ISO_8859_1);
    if (!before.endsWith("context=")) {
      return false;
    }
    MountOption<?> row =
        MountOptionTable.find(new GivenOption(before.substring(0, before.length() - 1), null));
    return row != null && MountOptionTable.isLabel(row);
  }

  private static void add(List<GivenOption> options, byte[] argument, int start, int end)
      throws MountOptionException {
    if (start >= end) {
      return;
    }
    String text = new String(argument, start, end - start, ISO_8859_1);
    int equals = text.indexOf('=');
    GivenOption option =
        equals < 0
            ? new GivenOption(text, null)
            : new GivenOption(
                text.substring(0, equals), text.substring(equals + 1).getBytes(ISO_8859_1));
    options.add(option);
  }

  /** The value without its escapes. */
  byte[] unescaped() throws MountOptionException {
    List<byte[]> parts = unescapedParts((byte) 0);
    return parts.get(0);
  }

  /**
   * Splits the value at each separator that is not escaped, and removes the escapes.
   *
   * @param separator a byte, or 0, which no value contains, for no split
   */
  List<byte[]> unescapedParts(byte separator) throws MountOptionException {
    if (value == null || value.length == 0) {
      throw new MountOptionException("option '" + key + "' needs a value: " + key + "=...");
    }
    List<byte[]> parts = new ArrayList<>();
    ByteArrayOutputStream part = new ByteArrayOutputStream();
    for (int i = 0; i < value.length; i++) {
      if (value[i] == separator) {
        parts.add(part.toByteArray());
        part.reset();
      } else if (value[i] != '\\') {
        part.write(value[i]);
      } else if (++i < value.length) {
        part.write(value[i]);
      } else {
        throw new MountOptionException(
            "the value of option '"
                + key
                + "' ends in a single backslash: write a backslash as two");
      }
    }
    parts.add(part.toByteArray());
    return parts;
  }

  /** The value, one character for each byte; empty if there is none. */
  String text() {
    return value == null ? "" : new String(value, ISO_8859_1);
  }

  /** Whether a text consists of digits only; true for an empty one. */
  static boolean isDigits(String text) {
    return text.chars().allMatch(digit -> digit >= '0' && digit <= '9');
  }

  /** The option as it was given, one character for each byte. */
  public String given() {
    return value == null ? key : key + "=" + new String(value, ISO_8859_1);
  }

  /** The option as it was given, for a person. */
  @Override
  public String toString() {
    return Name.printable(given().getBytes(ISO_8859_1));
  }
}
