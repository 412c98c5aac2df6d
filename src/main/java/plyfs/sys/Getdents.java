package plyfs.sys;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Reads a directory with getdents64(2), 64 KiB at a time. Belongs to one thread.
 *
 * <p>One record of the kernel's: {@code [u64 ino][s64 off][u16 reclen][u8 type][name NUL][pad to
 * 8]}. {@code .} and {@code ..} are left out.
 */
public final class Getdents {
  private static final int BUFFER_BYTES = 65536;
  private static final int RECLEN = 16;
  private static final int TYPE = 18;
  private static final int NAME = 19;
  private static final int PADDED_TO = 8;

  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.nativeOrder());
  private final long address = Syscalls.addressOf(buffer);
  private int at;
  private int next;
  private int end;

  /** Forgets what is buffered: the next record comes from the descriptor. */
  public void reset() {
    at = 0;
    next = 0;
    end = 0;
  }

  /**
   * Steps to the next entry.
   *
   * @param dir a directory opened for reading, at the position where the last call left it
   * @return false at the end
   */
  public boolean advance(Fd dir) throws ErrnoException {
    do {
      if (next >= end) {
        long result = FileSyscalls.getdents64(dir, address, BUFFER_BYTES);
        // A directory that was removed while open has no entries.
        end = result == -Errno.ENOENT ? 0 : (int) ErrnoException.check(result);
        next = 0;
        if (end == 0) {
          return false;
        }
      }
      at = next;
      next += buffer.getShort(at + RECLEN) & 0xffff;
    } while (isDotOrDotDot());
    return true;
  }

  private boolean isDotOrDotDot() {
    return buffer.get(at + NAME) == '.'
        && (buffer.get(at + NAME + 1) == 0
            || buffer.get(at + NAME + 1) == '.' && buffer.get(at + NAME + 2) == 0);
  }

  /** Inode number of the entry, as its own file system has it. */
  public long ino() {
    return buffer.getLong(at);
  }

  /** {@code DT_*} of the entry; DT_UNKNOWN where the file system does not say. */
  public int type() {
    return buffer.get(at + TYPE) & 0xff;
  }

  /** Name of the entry, a fresh array. */
  public byte[] name() {
    int length = Math.max(0, next - at - NAME - PADDED_TO); // the record is no longer than it must
    while (buffer.get(at + NAME + length) != 0) {
      length++;
    }
    byte[] name = new byte[length];
    buffer.get(at + NAME, name);
    return name;
  }
}
