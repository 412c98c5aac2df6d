package plyfs.explore;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Syscalls;
import plyfs.union.UnionFs;

/**
 * Compares the content of objects of two unions byte by byte. Equal attributes do not prove that
 * two files are equal, because a program can restore the modification time.
 */
final class ContentComparison {
  private static final int CHUNK_BYTES = 1 << 20;

  private final UnionFs one;
  private final UnionFs other;

  /** Two buffers; null until two files are compared. */
  private @Nullable ByteBuffer memory;

  ContentComparison(UnionFs one, UnionFs other) {
    this.one = one;
    this.other = other;
  }

  /**
   * Whether two objects have different data or link targets. Only regular files and symbolic links
   * have content.
   *
   * @param ofOne an object of the first union
   * @param ofOther of the same type and size, in the second
   * @throws ErrnoException EIO, EACCES: one of them cannot be read
   */
  boolean differ(UnionObject ofOne, UnionObject ofOther) throws ErrnoException {
    return switch (ofOne.mode() & Linux.S_IFMT) {
      case Linux.S_IFREG -> dataDiffers(ofOne.node(), ofOther.node(), ofOne.size());
      case Linux.S_IFLNK ->
          !Arrays.equals(one.readLink(ofOne.node()), other.readLink(ofOther.node()));
      default -> false;
    };
  }

  private boolean dataDiffers(long ofOne, long ofOther, long size) throws ErrnoException {
    ByteBuffer both = memory;
    if (both == null) {
      both = ByteBuffer.allocateDirect(2 * CHUNK_BYTES);
      memory = both;
    }
    long address = Syscalls.addressOf(both);
    for (long offset = 0; offset < size; offset += CHUNK_BYTES) {
      int count = one.read(ofOne, address, CHUNK_BYTES, offset);
      if (other.read(ofOther, address + CHUNK_BYTES, CHUNK_BYTES, offset) != count
          || !both.slice(0, count).equals(both.slice(CHUNK_BYTES, count))) {
        return true;
      }
    }
    return false;
  }
}
