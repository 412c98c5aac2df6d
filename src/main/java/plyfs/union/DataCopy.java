package plyfs.union;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerFile;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;
import plyfs.trace.CopyUpTimes;

/**
 * Copies the data of one file into an empty one: by sharing extents, else extent by extent inside
 * the kernel, else by reading and writing. Holes stay holes. What two file systems cannot do
 * together is remembered by the device of the source.
 *
 * @implNote exact extents instead of the kernel's 1 MiB pieces (Linux fs/overlayfs/copy_up.c,
 *     ovl_copy_up_file): SEMANTICS 1.3b
 */
final class DataCopy {
  /** Bytes copied between two looks at whether the caller was interrupted. */
  static final int CHUNK_BYTES = 1 << 20;

  /** Most bytes read and written at once. New memory is zeroed: that of 1 MiB takes 0.4 ms. */
  private static final int BUFFER_BYTES = 128 << 10;

  private final Set<Long> cannotShare = ConcurrentHashMap.newKeySet();
  private final Set<Long> cannotCopyRange = ConcurrentHashMap.newKeySet();

  /**
   * Copies.
   *
   * @param source attributes of {@code from}
   * @param size bytes of the result: less than the source's copies only that much, more leaves a
   *     hole
   * @param times told how much was copied and how; null if nobody wants to know
   * @return whether there is data that only {@code to} has; false if both share theirs
   * @throws ErrnoException EINTR if interrupted; ENOSPC, EIO
   */
  boolean copy(
      LayerFile from,
      Stat source,
      LayerFile to,
      long size,
      BooleanSupplier interrupted,
      @Nullable CopyUpTimes times)
      throws ErrnoException {
    long wanted = Math.min(size, source.size());
    if (wanted == source.size() && wanted > 0 && share(from, source.dev(), to)) {
      if (times != null) {
        times.copied(CopyUpTimes.Method.REFLINK, 0);
      }
      if (size > wanted) {
        to.truncate(size);
      }
      return false;
    }
    long end = copyExtents(from, source, to, wanted, interrupted, times);
    if (end != size) {
      to.truncate(size);
    }
    return end > 0;
  }

  private boolean share(LayerFile from, long device, LayerFile to) throws ErrnoException {
    if (cannotShare.contains(device)) {
      return false;
    }
    boolean shared = to.shareExtents(from);
    if (!shared) {
      cannotShare.add(device);
    }
    return shared;
  }

  /** Copies what is not a hole; where the last data ended. */
  private long copyExtents(
      LayerFile from,
      Stat source,
      LayerFile to,
      long wanted,
      BooleanSupplier interrupted,
      @Nullable CopyUpTimes times)
      throws ErrnoException {
    return DataExtents.visit(
        from,
        source,
        wanted,
        (start, end) -> copyExtent(from, source.dev(), to, start, end, interrupted, times));
  }

  private long copyExtent(
      LayerFile from,
      long device,
      LayerFile to,
      long start,
      long end,
      BooleanSupplier interrupted,
      @Nullable CopyUpTimes times)
      throws ErrnoException {
    long at = start;
    @Nullable ByteBuffer buffer = null;
    while (at < end) {
      if (interrupted.getAsBoolean()) {
        throw ErrnoException.of(Errno.EINTR);
      }
      int length = (int) Math.min(CHUNK_BYTES, end - at);
      long copied =
          buffer != null || cannotCopyRange.contains(device)
              ? -1
              : tryCopyRange(from, device, to, at, length);
      if (copied < 0) {
        int part = Math.min(BUFFER_BYTES, length);
        buffer = buffer == null ? ByteBuffer.allocateDirect(part) : buffer;
        copied = copyByBuffer(from, to, at, part, buffer);
      }
      if (copied == 0) {
        return at;
      }
      if (times != null) {
        times.copied(
            buffer == null ? CopyUpTimes.Method.COPY_FILE_RANGE : CopyUpTimes.Method.READ_WRITE,
            copied);
      }
      at += copied;
    }
    return at;
  }

  /** Bytes copied, 0 at the end of the source, -1 if these two files cannot. */
  private long tryCopyRange(LayerFile from, long device, LayerFile to, long at, int length)
      throws ErrnoException {
    try {
      return to.copyRange(from, at, at, length);
    } catch (ErrnoException e) {
      int errno = e.errno();
      if (errno != Errno.EXDEV
          && errno != Errno.EOPNOTSUPP
          && errno != Errno.EINVAL
          && errno != Errno.ENOSYS) {
        throw e;
      }
      cannotCopyRange.add(device);
      return -1;
    }
  }

  private static long copyByBuffer(
      LayerFile from, LayerFile to, long at, int length, ByteBuffer buffer) throws ErrnoException {
    try {
      long address = Syscalls.addressOf(buffer);
      int read = from.read(address, length, at);
      int written = 0;
      while (written < read) {
        written += to.write(address + written, read - written, at + written);
      }
      return read;
    } finally {
      Reference.reachabilityFence(buffer);
    }
  }
}
