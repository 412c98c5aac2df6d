package plyfs.sys;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

/**
 * One path component, as raw bytes (law L2). A {@code Name} guarantees that the bytes are not
 * empty, {@code .} or {@code ..} and contain neither {@code /} nor NUL, so an {@code *at} system
 * call can use it safely.
 */
public final class Name implements Comparable<Name> {
  /** Longest name in a Linux file system, bytes. */
  public static final int MAX_BYTES = 255;

  private final byte[] bytes;
  private final int hash;

  private Name(byte[] bytes) {
    this.bytes = bytes;
    this.hash = Arrays.hashCode(bytes);
  }

  /**
   * A name from bytes, which are copied.
   *
   * @throws IllegalArgumentException if they are not one path component
   */
  public static Name of(byte[] bytes) {
    return of(bytes, 0, bytes.length);
  }

  /**
   * A name from a part of an array, which is copied.
   *
   * @throws IllegalArgumentException if it is not one path component
   */
  public static Name of(byte[] bytes, int from, int to) {
    byte[] part = Arrays.copyOfRange(bytes, from, to);
    if (!isComponent(part)) {
      throw new IllegalArgumentException("not a path component: " + printable(part));
    }
    return new Name(part);
  }

  /** A name from text, in UTF-8. */
  public static Name of(String text) {
    return of(text.getBytes(UTF_8));
  }

  /**
   * A name from a request, from a part of an array, which is copied.
   *
   * @throws ErrnoException ENAMETOOLONG over 255 bytes; EINVAL if the bytes are not one path
   *     component
   */
  public static Name checked(byte[] text, int from, int to) throws ErrnoException {
    if (to - from > MAX_BYTES) {
      throw ErrnoException.of(Errno.ENAMETOOLONG);
    }
    byte[] bytes = Arrays.copyOfRange(text, from, to);
    if (!isComponent(bytes)) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    return new Name(bytes);
  }

  /** Whether the bytes are one path component of any length. */
  public static boolean isComponent(byte[] bytes) {
    if (bytes.length == 0
        || bytes.length <= 2 && bytes[0] == '.' && bytes[bytes.length - 1] == '.') {
      return false;
    }
    for (byte b : bytes) {
      if (b == '/' || b == 0) {
        return false;
      }
    }
    return true;
  }

  /** The bytes themselves, not a copy, without a final NUL. Read-only. */
  public byte[] bytes() {
    return bytes;
  }

  public int length() {
    return bytes.length;
  }

  public boolean startsWith(byte[] prefix) {
    return bytes.length >= prefix.length
        && Arrays.equals(bytes, 0, prefix.length, prefix, 0, prefix.length);
  }

  /** This name with a prefix. The result may be longer than {@link #MAX_BYTES}. */
  public Name withPrefix(byte[] prefix) {
    byte[] joined = Arrays.copyOf(prefix, prefix.length + bytes.length);
    System.arraycopy(bytes, 0, joined, prefix.length, bytes.length);
    return new Name(joined);
  }

  /**
   * The bytes for a person and for JSON; different bytes have different texts: see {@link
   * EscapedText}.
   */
  public static String printable(byte[] bytes) {
    return EscapedText.of(bytes);
  }

  /** The path of an entry of the directory of this name: this name, a slash and the other. */
  public byte[] slash(Name entry) {
    byte[] path = Arrays.copyOf(bytes, bytes.length + 1 + entry.bytes.length);
    path[bytes.length] = '/';
    System.arraycopy(entry.bytes, 0, path, bytes.length + 1, entry.bytes.length);
    return path;
  }

  @Override
  public int compareTo(Name other) {
    return Arrays.compareUnsigned(bytes, other.bytes);
  }

  @Override
  public boolean equals(Object other) {
    return this == other
        || other instanceof Name that && hash == that.hash && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  /** For a person: see {@link #printable}. */
  @Override
  public String toString() {
    return printable(bytes);
  }
}
