package plyfs.image.tree;

import java.io.IOException;
import java.nio.ByteBuffer;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Syscalls;

/** Reads the contents of files of a layer piece by piece. Belongs to one thread. */
final class ContentReader {
  private static final int CHUNK_BYTES = 1 << 18;

  private final byte[] heap = new byte[CHUNK_BYTES];
  private final ByteBuffer direct = ByteBuffer.allocateDirect(CHUNK_BYTES);
  private final long address = Syscalls.addressOf(direct);

  /** Takes a piece. */
  @FunctionalInterface
  interface Taker {
    /** Takes the first bytes of an array, which is used again afterwards. */
    void take(byte[] bytes, int length) throws IOException;
  }

  /**
   * Reads so many bytes from the beginning of a file.
   *
   * @return how many there were, if fewer
   */
  long read(Fd file, long size, Taker taker) throws IOException, ErrnoException {
    long at = 0;
    while (at < size) {
      int wanted = (int) Math.min(CHUNK_BYTES, size - at);
      int read = (int) ErrnoException.check(FileSyscalls.pread(file, address, wanted, at));
      if (read == 0) {
        return at;
      }
      direct.get(0, heap, 0, read);
      taker.take(heap, read);
      at += read;
    }
    return at;
  }
}
