package plyfs.sys;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Native memory of one thread for the strings and small structures of one system call. */
final class Scratch {
  /** PATH_MAX with its final NUL. */
  static final int PATH_BYTES = 4096;

  /** XATTR_NAME_MAX is 255. */
  private static final int XATTR_NAME_BYTES = 256;

  private static final byte[] PROC = {
    '/', 'p', 'r', 'o', 'c', '/', 's', 'e', 'l', 'f', '/', 'f', 'd', '/'
  };
  private static final ThreadLocal<Scratch> CURRENT = ThreadLocal.withInitial(Scratch::new);

  private final ByteBuffer paths = allocate(2 * PATH_BYTES);
  private final long pathsAddress = Syscalls.addressOf(paths);
  private final ByteBuffer xattrName = allocate(XATTR_NAME_BYTES);
  private final long xattrNameAddress = Syscalls.addressOf(xattrName);

  /** For structures of at most 256 bytes. */
  final ByteBuffer struct = allocate(256);

  final long structAddress = Syscalls.addressOf(struct);

  /**
   * For values of at most 64 KiB and one byte: xattr values, lists of xattr names, link targets.
   */
  final ByteBuffer value = allocate(Linux.XATTR_SIZE_MAX + 1);

  final long valueAddress = Syscalls.addressOf(value);

  static Scratch get() {
    return CURRENT.get();
  }

  private static ByteBuffer allocate(int size) {
    return ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
  }

  /**
   * Copies a path with a final NUL to native memory, valid until the next call.
   *
   * @return its address, or 0 if it is too long
   */
  long path(byte[] path) {
    return place(path, 0);
  }

  /** As {@link #path}, for a second path of the same call. */
  long secondPath(byte[] path) {
    return place(path, PATH_BYTES);
  }

  private long place(byte[] path, int at) {
    if (path.length >= PATH_BYTES) {
      return 0;
    }
    paths.put(at, path).put(at + path.length, (byte) 0);
    return pathsAddress + at;
  }

  /** The name of an extended attribute, or 0 if it is too long. */
  long xattrName(byte[] name) {
    if (name.length >= XATTR_NAME_BYTES) {
      return 0;
    }
    xattrName.put(0, name).put(name.length, (byte) 0);
    return xattrNameAddress;
  }

  /**
   * The decimal number of a descriptor, its name in a directory of descriptors, as {@link #path}.
   *
   * @param fd zero or more
   */
  long descriptorName(int fd) {
    paths.put(putNumber(0, fd), (byte) 0);
    return pathsAddress;
  }

  /**
   * {@code /proc/self/fd/N} or, with a path, {@code /proc/self/fd/N/path}, as {@link #path}.
   *
   * @param fd zero or more
   */
  long procPath(int fd, byte[] path) {
    if (PROC.length + 12 + path.length >= PATH_BYTES) {
      return 0;
    }
    paths.put(0, PROC);
    int at = putNumber(PROC.length, fd);
    if (path.length > 0) {
      paths.put(at++, (byte) '/').put(at, path);
      at += path.length;
    }
    paths.put(at, (byte) 0);
    return pathsAddress;
  }

  /** Writes a number in decimal; returns the position of the next byte. */
  private int putNumber(int from, int number) {
    int at = from;
    int divisor = 1;
    while (number / divisor >= 10) {
      divisor *= 10;
    }
    for (int rest = number; divisor > 0; divisor /= 10) {
      paths.put(at++, (byte) ('0' + rest / divisor));
      rest %= divisor;
    }
    return at;
  }
}
