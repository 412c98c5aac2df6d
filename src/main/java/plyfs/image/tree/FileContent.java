package plyfs.image.tree;

import java.io.IOException;
import java.nio.ByteBuffer;
import plyfs.image.model.BadImageException;
import plyfs.image.tar.LayerTarReader;
import plyfs.image.tar.TarEntry;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Linux;
import plyfs.sys.Syscalls;

/**
 * Writes the data of tar entries into files; holes stay holes, and long zeros become some. Belongs
 * to one thread.
 */
public final class FileContent {
  private static final int CHUNK_BYTES = 1 << 17;

  /** Fewer zeros are written: a hole is as large as a block of the file system at least. */
  private static final int LEAST_HOLE = 1 << 12;

  /** The disk writes so much at a time while the rest of a file is read. */
  private static final long WRITE_BACK_BYTES = 8 << 20;

  private final byte[] heap = new byte[CHUNK_BYTES];
  private final ByteBuffer direct = ByteBuffer.allocateDirect(CHUNK_BYTES);
  private final long address = Syscalls.addressOf(direct);
  private final ByteBuffer zeros = ByteBuffer.allocate(CHUNK_BYTES);

  /**
   * Copies the data of the current entry.
   *
   * @param file empty and open for writing
   */
  void copy(LayerTarReader tar, TarEntry entry, Fd file) throws IOException, ErrnoException {
    if (entry.extents == null) {
      boolean endsInHole = copy(tar, file, 0, entry.size);
      if (endsInHole) {
        ErrnoException.check(FileSyscalls.ftruncate(file, entry.size));
      }
      return;
    }
    long at = 0;
    for (TarEntry.Extent extent : entry.extents) {
      tar.skipHole(extent.offset() - at);
      boolean ignored = copy(tar, file, extent.offset(), extent.length());
      at = extent.offset() + extent.length();
    }
    ErrnoException.check(FileSyscalls.ftruncate(file, entry.size));
  }

  /**
   * Copies a file; holes stay holes.
   *
   * @param to empty and open for writing
   * @param size of the file
   */
  void copy(Fd from, Fd to, long size) throws ErrnoException {
    long at = 0;
    while (at < size) {
      long data = FileSyscalls.lseek(from, at, Linux.SEEK_DATA);
      if (data == -Errno.ENXIO) {
        break;
      }
      at = Math.max(at, data);
      long hole = FileSyscalls.lseek(from, at, Linux.SEEK_HOLE);
      copy(from, to, at, hole > at ? Math.min(hole, size) : size);
      at = hole > at ? hole : size;
    }
    ErrnoException.check(FileSyscalls.ftruncate(to, size));
  }

  private void copy(Fd from, Fd to, long start, long end) throws ErrnoException {
    long at = start;
    while (at < end) {
      int wanted = (int) Math.min(CHUNK_BYTES, end - at);
      int read = (int) ErrnoException.check(FileSyscalls.pread(from, address, wanted, at));
      if (read == 0) {
        return;
      }
      write(to, at, read);
      at += read;
    }
  }

  /** Copies a stretch; whether it ends in a hole, so that the file is too short yet. */
  private boolean copy(LayerTarReader tar, Fd file, long offset, long length)
      throws IOException, ErrnoException {
    long end = offset + length;
    long at = offset;
    long writtenBack = offset;
    boolean inHole = false;
    while (at < end) {
      int filled = 0;
      int wanted = (int) Math.min(CHUNK_BYTES, end - at);
      while (filled < wanted) {
        int read = tar.read(heap, wanted - filled);
        if (read <= 0) {
          throw new BadImageException("the data ends after " + (at + filled) + " bytes");
        }
        direct.put(filled, heap, 0, read);
        filled += read;
      }
      inHole = filled >= LEAST_HOLE && direct.slice(0, filled).mismatch(zeros.slice(0, filled)) < 0;
      if (!inHole) {
        write(file, at, filled);
      }
      at += filled;
      if (at - writtenBack >= WRITE_BACK_BYTES) {
        // The sync at the end reports what goes wrong.
        int ignored = FileSyscalls.startWriteBack(file, writtenBack, at - writtenBack);
        writtenBack = at;
      }
    }
    return inHole;
  }

  private void write(Fd file, long offset, int length) throws ErrnoException {
    int done = 0;
    while (done < length) {
      done +=
          (int)
              ErrnoException.check(
                  FileSyscalls.pwrite(file, address + done, length - done, offset + done));
    }
  }
}
