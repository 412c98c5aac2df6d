package plyfs.contract;

import com.kenai.jffi.MemoryIO;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import plyfs.layer.LayerFile;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.FlagsForm;
import plyfs.sys.Linux;
import plyfs.sys.Stat;
import plyfs.sys.StatFiller;

/**
 * A regular file of a {@link JimfsLayer}. It has no holes, and cannot copy ranges or share extents.
 */
final class JimfsFile implements LayerFile {
  private static final MemoryIO MEMORY = MemoryIO.getInstance();

  /** More than a test keeps in memory. */
  private static final long SIZE_LIMIT = 64 << 20;

  private final JimfsLayer layer;
  private final long ino;
  private final FileChannel channel;
  private final boolean writable;

  JimfsFile(JimfsLayer layer, long ino, FileChannel ownedChannel, boolean writable) {
    this.layer = layer;
    this.ino = ino;
    this.channel = ownedChannel;
    this.writable = writable;
  }

  private interface Io {
    int run() throws IOException;
  }

  private static int io(Io io) {
    try {
      return io.run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void requireWritable() throws ErrnoException {
    if (!writable) {
      throw ErrnoException.of(Errno.EBADF);
    }
  }

  private static void requireSize(long size) throws ErrnoException {
    if (size > SIZE_LIMIT) {
      throw ErrnoException.of(Errno.EFBIG);
    }
  }

  @Override
  public int read(long address, int count, long offset) throws ErrnoException {
    layer.reading("read");
    byte[] bytes = new byte[(int) Math.max(0, Math.min(count, size() - offset))];
    int read = io(() -> channel.read(ByteBuffer.wrap(bytes), offset));
    if (read > 0) {
      MEMORY.putByteArray(address, bytes, 0, read);
    }
    return Math.max(read, 0);
  }

  @Override
  public int write(long address, int count, long offset) throws ErrnoException {
    requireWritable();
    requireSize(offset + count);
    layer.changing("write");
    byte[] bytes = new byte[count];
    MEMORY.getByteArray(address, bytes, 0, count);
    int written = io(() -> channel.write(ByteBuffer.wrap(bytes), offset));
    layer.modified(ino);
    return written;
  }

  @Override
  public void stat(Stat out) throws ErrnoException {
    layer.statByIno(ino, out);
  }

  @Override
  public void truncate(long size) throws ErrnoException {
    requireWritable();
    requireSize(size);
    layer.changing("truncate");
    io(
        () -> {
          if (size > channel.size()) {
            return channel.write(ByteBuffer.allocate(1), size - 1);
          }
          channel.truncate(size);
          return 0;
        });
    layer.modified(ino);
  }

  @Override
  public void setMtime(long seconds, long nanos) throws ErrnoException {
    requireWritable();
    layer.modifiedAt(ino, new StatFiller.Time(seconds, (int) nanos));
  }

  @Override
  public void allocate(int mode, long offset, long length) throws ErrnoException {
    requireWritable();
    requireSize(offset + length);
    layer.changing("allocate");
    switch (mode) {
      case 0 -> {
        if (offset + length > size()) {
          truncate(offset + length);
        }
      }
      case Linux.FALLOC_FL_KEEP_SIZE -> layer.modified(ino);
      case Linux.FALLOC_FL_PUNCH_HOLE | Linux.FALLOC_FL_KEEP_SIZE,
          Linux.FALLOC_FL_ZERO_RANGE | Linux.FALLOC_FL_KEEP_SIZE -> {
        long end = Math.min(offset + length, size());
        if (end > offset) {
          io(() -> channel.write(ByteBuffer.allocate((int) (end - offset)), offset));
          layer.modified(ino);
        }
      }
      default -> throw ErrnoException.of(Errno.EOPNOTSUPP);
    }
  }

  private long size() {
    try {
      return channel.size();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public long seek(long offset, int whence) throws ErrnoException {
    layer.reading("seek");
    long size = size();
    if (offset >= size) {
      return -1;
    }
    return whence == Linux.SEEK_DATA ? offset : size;
  }

  @Override
  public long copyRange(LayerFile from, long fromOffset, long offset, long length)
      throws ErrnoException {
    throw ErrnoException.of(Errno.EOPNOTSUPP);
  }

  @Override
  public void startWriteBack(long offset, long length) {} // memory is no disk

  @Override
  public boolean isWrittenBack() {
    return true;
  }

  @Override
  public boolean shareExtents(LayerFile from) {
    return false;
  }

  @Override
  public void sync(boolean dataOnly) {
    // Memory is as durable as it gets.
  }

  @Override
  public byte[] flags(FlagsForm form) throws ErrnoException {
    throw ErrnoException.of(Errno.ENOTTY);
  }

  @Override
  public void setFlags(FlagsForm form, byte[] value) throws ErrnoException {
    throw ErrnoException.of(Errno.ENOTTY);
  }

  @Override
  public void close() {
    if (channel.isOpen()) {
      io(
          () -> {
            channel.close();
            return 0;
          });
      layer.closed(ino);
    }
  }
}
