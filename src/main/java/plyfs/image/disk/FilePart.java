package plyfs.image.disk;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Linux;
import plyfs.sys.Syscalls;

/** The data of a file between its holes. */
final class FilePart {
  private static final int BUFFER_BYTES = 1 << 18;

  private FilePart() {}

  /**
   * Copies a whole file into an empty one, holes as holes.
   *
   * @param size bytes of the source
   */
  static void copyAll(Fd source, Fd target, long size) throws ErrnoException {
    ByteBuffer memory = ByteBuffer.allocateDirect((int) Math.min(size, BUFFER_BYTES));
    try {
      long address = memory.capacity() == 0 ? 0 : Syscalls.addressOf(memory);
      long at = 0;
      while (at < size) {
        long start = FileSyscalls.lseek(source, at, Linux.SEEK_DATA);
        if (start == -Errno.ENXIO) {
          break; // only a hole is left
        }
        if (start < 0) {
          start = at; // the file system does not know its holes
        }
        long end = FileSyscalls.lseek(source, start, Linux.SEEK_HOLE);
        at = end <= start ? size : Math.min(end, size);
        copy(source, target, start, at, address, memory.capacity());
      }
    } finally {
      Reference.reachabilityFence(memory);
    }
    ErrnoException.check(FileSyscalls.ftruncate(target, size));
  }

  private static void copy(Fd source, Fd target, long from, long to, long address, int room)
      throws ErrnoException {
    long at = from;
    while (at < to) {
      long read =
          ErrnoException.check(FileSyscalls.pread(source, address, Math.min(room, to - at), at));
      if (read == 0) {
        return; // it has become shorter
      }
      for (long done = 0; done < read; ) {
        done +=
            ErrnoException.check(
                FileSyscalls.pwrite(target, address + done, read - done, at + done));
      }
      at += read;
    }
  }
}
