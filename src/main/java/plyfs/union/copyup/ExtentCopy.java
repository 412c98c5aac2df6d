package plyfs.union.copyup;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import plyfs.layer.LayerFile;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;
import plyfs.trace.CopyUpTimes;

/**
 * One copy of a file's data, extent by extent: inside the kernel, else by reading and writing.
 *
 * @implNote data of a copy that is to be durable begins its way to the disk as it is copied, not
 *     when it is waited for (docs/benchmarks/levers.md)
 */
public final class ExtentCopy implements DataExtents.Visitor {
  /** Bytes copied between two looks at whether the copy is abandoned. */
  private static final int CHUNK_BYTES = 1 << 20;

  /** Most bytes read and written at once. New memory is zeroed: that of 1 MiB takes 0.4 ms. */
  private static final int BUFFER_BYTES = 128 << 10;

  /** Bytes that begin their way to the disk together: many, so that they lie together there. */
  private static final int WRITE_BACK_BYTES = 8 << 20;

  private final LayerFile from;
  private final Stat source;
  private final LayerFile to;
  private final Set<Long> cannotCopyRange;
  private final BooleanSupplier abandoned;
  private final @Nullable CopyUpTimes times;

  private final boolean isSynced;

  private @Nullable ByteBuffer buffer;
  private long onItsWay;

  /**
   * A copy into an empty file.
   *
   * @param source attributes of {@code from}
   * @param cannotCopyRange devices whose files cannot be copied to the device of {@code to} inside
   *     the kernel; added to
   * @param abandoned polled before each part: whether the copy is no longer needed
   * @param times records how much was copied and how; null if no reader watches
   * @param isSynced whether the copy is made durable afterwards
   */
  public ExtentCopy(
      LayerFile from,
      Stat source,
      LayerFile to,
      Set<Long> cannotCopyRange,
      BooleanSupplier abandoned,
      @Nullable CopyUpTimes times,
      boolean isSynced) {
    this.from = from;
    this.source = source;
    this.to = to;
    this.cannotCopyRange = cannotCopyRange;
    this.abandoned = abandoned;
    this.times = times;
    this.isSynced = isSynced;
  }

  /**
   * Copies what is not a hole.
   *
   * @param wanted bytes, at most the size of the source
   * @return where the last data ended
   * @throws ErrnoException EINTR if abandoned; ENOSPC, EIO
   */
  public long all(long wanted) throws ErrnoException {
    long end = DataExtents.visit(from, source, wanted, this);
    startWriteBack(end);
    return end;
  }

  @Override
  public long extent(long start, long end) throws ErrnoException {
    long at = start;
    while (at < end) {
      if (abandoned.getAsBoolean()) {
        throw ErrnoException.of(Errno.EINTR);
      }
      long copied = part(at, (int) Math.min(CHUNK_BYTES, end - at));
      if (copied == 0) {
        requireEnd(at);
        return at;
      }
      at += copied;
      if (at - onItsWay >= WRITE_BACK_BYTES) {
        startWriteBack(at);
      }
    }
    return at;
  }

  /**
   * Nothing more came: the source has been made shorter, or it does not give what it has, which
   * must not become a file of zeros.
   */
  private void requireEnd(long at) throws ErrnoException {
    Stat now = new Stat();
    from.stat(now);
    if (now.size() > at) {
      throw ErrnoException.of(Errno.EIO);
    }
  }

  private void startWriteBack(long end) {
    if (isSynced && end > onItsWay) {
      to.startWriteBack(onItsWay, end - onItsWay);
      onItsWay = end;
    }
  }

  /** Bytes copied, 0 at the end of the source. */
  private long part(long at, int length) throws ErrnoException {
    long copied =
        buffer != null || cannotCopyRange.contains(source.dev()) ? -1 : tryCopyRange(at, length);
    CopyUpTimes.Method method = CopyUpTimes.Method.COPY_FILE_RANGE;
    if (copied < 0) {
      copied = copyByBuffer(at, length);
      method = CopyUpTimes.Method.READ_WRITE;
    }
    if (times != null && copied > 0) {
      times.copied(method, copied);
    }
    return copied;
  }

  /** Bytes copied, 0 at the end of the source, -1 if these two files cannot. */
  private long tryCopyRange(long at, int length) throws ErrnoException {
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
      cannotCopyRange.add(source.dev());
      return -1;
    }
  }

  private long copyByBuffer(long at, int length) throws ErrnoException {
    ByteBuffer memory = buffer;
    if (memory == null) {
      memory = ByteBuffer.allocateDirect((int) Math.min(BUFFER_BYTES, source.size()));
      buffer = memory;
    }
    try {
      long address = Syscalls.addressOf(memory);
      int read = from.read(address, Math.min(memory.capacity(), length), at);
      int written = 0;
      while (written < read) {
        written += to.write(address + written, read - written, at + written);
      }
      return read;
    } finally {
      Reference.reachabilityFence(memory);
    }
  }
}
