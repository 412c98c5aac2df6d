package plyfs.sys;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads a directory with getdents64(2), 64 KiB at a time. Used by one thread.
 *
 * <p>A record of the kernel: {@code [u64 ino][s64 off][u16 reclen][u8 type][name NUL][pad to 8]}.
 * The class skips {@code .} and {@code ..}.
 */
public final class Getdents {
  private static final int BUFFER_BYTES = 65536;
  private static final int USUAL_BYTES = 4096;
  private static final int RECLEN = 16;
  private static final int TYPE = 18;
  private static final int NAME = 19;
  private static final int PADDED_TO = 8;

  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.nativeOrder());
  private final LongBuffer wordBuffer = buffer.asLongBuffer();
  private final long address = Syscalls.addressOf(buffer);

  /**
   * The result of the last system call, as bytes and as words, copied at once: see {@link Words}.
   */
  private byte[] bytes = new byte[USUAL_BYTES];

  private long[] words = new long[USUAL_BYTES / Long.BYTES];
  private int at;
  private int next;
  private int end;

  /** Drops the buffer: the next record comes from the descriptor. */
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
      if (next >= end && !read(dir)) {
        return false;
      }
      at = next;
      next += Words.firstShort(Words.first(words[(at + RECLEN) / Long.BYTES]));
    } while (isDotOrDotDot());
    return true;
  }

  private boolean read(Fd dir) throws ErrnoException {
    long result = FileSyscalls.getdents64(dir, address, BUFFER_BYTES);
    // An open directory that was removed has no entries.
    end = result == -Errno.ENOENT ? 0 : (int) ErrnoException.check(result);
    next = 0;
    if (end > bytes.length) {
      bytes = new byte[BUFFER_BYTES];
      words = new long[BUFFER_BYTES / Long.BYTES];
    }
    buffer.get(0, bytes, 0, end);
    wordBuffer.get(0, words, 0, end / Long.BYTES);
    return end > 0;
  }

  private boolean isDotOrDotDot() {
    int name = at + NAME;
    return bytes[name] == '.'
        && (bytes[name + 1] == 0 || bytes[name + 1] == '.' && bytes[name + 2] == 0);
  }

  /**
   * All names of a directory.
   *
   * @param dir a directory that is open for reading and has not been read
   */
  public List<byte[]> names(Fd dir) throws ErrnoException {
    reset();
    List<byte[]> names = new ArrayList<>();
    while (advance(dir)) {
      names.add(name());
    }
    return names;
  }

  /** Inode number of the entry in its own file system. */
  public long ino() {
    return words[at / Long.BYTES];
  }

  /** {@code DT_*} of the entry; DT_UNKNOWN if the file system does not report it. */
  public int type() {
    return bytes[at + TYPE] & 0xff;
  }

  /** Name of the entry, a new array. */
  public byte[] name() {
    int end = Math.max(at + NAME, next - PADDED_TO); // the record is no longer than it must
    while (bytes[end] != 0) {
      end++;
    }
    return Arrays.copyOfRange(bytes, at + NAME, end);
  }
}
