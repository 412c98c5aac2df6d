package plyfs.sys;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Large direct buffers that occupy memory only for the pages in use. Java fills a new buffer with
 * zeros, so this class returns its pages to the kernel.
 */
public final class UntouchedMemory {
  private static final Logger LOG = Loggers.named("plyfs.sys");

  private static final int MADV_DONTNEED = 4;

  private UntouchedMemory() {}

  /**
   * A buffer of zeros, in native byte order.
   *
   * @param aligned offset of the byte that is aligned to a page
   * @param bytes its capacity
   */
  public static ByteBuffer allocate(int aligned, int bytes) {
    int page = MountSyscalls.pageSize();
    ByteBuffer memory = ByteBuffer.allocateDirect(bytes + page);
    long address = Syscalls.addressOf(memory);
    int shift = Math.floorMod(-(address + aligned), page);
    giveBack(address, memory.capacity(), page);
    return memory.slice(shift, bytes).order(ByteOrder.nativeOrder());
  }

  /** Returns the pages that lie completely inside; the kernel shows zeros there. */
  private static void giveBack(long address, int bytes, int page) {
    int before = Math.floorMod(-address, page);
    long inside = (long) (bytes - before) / page * page;
    if (inside > 0
        && Syscalls.result(Syscalls.LIBC.madvise(address + before, inside, MADV_DONTNEED)) < 0) {
      LOG.log(Level.DEBUG, "the pages of a buffer stay in memory");
    }
  }
}
