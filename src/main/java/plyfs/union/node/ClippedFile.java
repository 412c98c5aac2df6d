package plyfs.union.node;

import plyfs.layer.LayerFile;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.FlagsForm;
import plyfs.sys.Linux;
import plyfs.sys.Stat;

/**
 * The first part of a lower file, read-only: the data of a metacopy file that is shorter than its
 * lower file, because a truncation was interrupted.
 */
public final class ClippedFile implements LayerFile {
  private final LayerFile whole;
  private final long size;

  ClippedFile(LayerFile ownedWhole, long size) {
    this.whole = ownedWhole;
    this.size = size;
  }

  @Override
  public int read(long address, int count, long offset) throws ErrnoException {
    if (offset >= size) {
      return 0;
    }
    return whole.read(address, (int) Math.min(count, size - offset), offset);
  }

  @Override
  public long seek(long offset, int whence) throws ErrnoException {
    if (offset >= size) {
      return -1;
    }
    long found = whole.seek(offset, whence);
    if (found < size) {
      return found;
    }
    return whence == Linux.SEEK_HOLE ? size : -1;
  }

  @Override
  public void stat(Stat out) throws ErrnoException {
    whole.stat(out);
  }

  @Override
  public byte[] flags(FlagsForm form) throws ErrnoException {
    return whole.flags(form);
  }

  @Override
  public void sync(boolean dataOnly) throws ErrnoException {
    whole.sync(dataOnly);
  }

  @Override
  public int write(long address, int count, long offset) throws ErrnoException {
    throw readOnly();
  }

  @Override
  public void truncate(long newSize) throws ErrnoException {
    throw readOnly();
  }

  @Override
  public void setMtime(long seconds, long nanos) throws ErrnoException {
    throw readOnly();
  }

  @Override
  public void allocate(int mode, long offset, long length) throws ErrnoException {
    throw readOnly();
  }

  @Override
  public long copyRange(LayerFile from, long fromOffset, long offset, long length)
      throws ErrnoException {
    throw readOnly();
  }

  @Override
  public boolean shareExtents(LayerFile from) throws ErrnoException {
    throw readOnly();
  }

  @Override
  public void setFlags(FlagsForm form, byte[] value) throws ErrnoException {
    throw readOnly();
  }

  private static ErrnoException readOnly() {
    return ErrnoException.of(Errno.EBADF);
  }

  @Override
  public void startWriteBack(long offset, long length) {
    whole.startWriteBack(offset, length);
  }

  @Override
  public boolean isWrittenBack() throws ErrnoException {
    return whole.isWrittenBack();
  }

  @Override
  public void close() {
    whole.close();
  }
}
