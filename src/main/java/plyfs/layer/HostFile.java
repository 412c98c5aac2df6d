package plyfs.layer;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.FlagsForm;
import plyfs.sys.Linux;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;

/** A regular file on a file system of the machine. */
final class HostFile implements LayerFile {
  private final Fd fd;
  private final ShortReads shortReads;
  private final boolean endOnly;
  private final @Nullable DirDescriptors sharedBy;

  /** The reference that owns the descriptor; null if this object owns it, or is closed. */
  private final AtomicReference<@Nullable LayerRef> sharedWith;

  HostFile(Fd ownedFd, ShortReads shortReads) {
    this(ownedFd, shortReads, false);
  }

  private HostFile(Fd ownedFd, ShortReads shortReads, boolean endOnly) {
    this.fd = ownedFd;
    this.shortReads = shortReads;
    this.endOnly = endOnly;
    this.sharedBy = null;
    this.sharedWith = new AtomicReference<>();
  }

  /**
   * A file that shares its descriptor with its reference.
   *
   * @param acquired the descriptor, released with {@link DirDescriptors#unshare}
   */
  HostFile(DirDescriptors sharedBy, LayerRef sharedWith, Fd acquired, ShortReads shortReads) {
    this.fd = acquired;
    this.shortReads = shortReads;
    this.endOnly = false;
    this.sharedBy = sharedBy;
    this.sharedWith = new AtomicReference<>(sharedWith);
  }

  /**
   * A file that accepts writes only at its end.
   *
   * @param ownedFd opened with O_APPEND
   */
  static HostFile appendOnly(Fd ownedFd, ShortReads shortReads) {
    return new HostFile(ownedFd, shortReads, true);
  }

  /** fsync(2) of a file or a directory. */
  static void syncAndClose(Fd ownedFd) throws ErrnoException {
    try (ownedFd) {
      ErrnoException.check(FileSyscalls.fsync(ownedFd));
    }
  }

  @Override
  public int read(long address, int count, long offset) throws ErrnoException {
    int done = (int) ErrnoException.check(FileSyscalls.pread(fd, address, count, offset));
    // A file system may return a short read before the end of the file, and does so before an
    // unreadable part. The caller of a union must treat neither as the end of the file.
    int more = done;
    while (more > 0 && done < count && !shortReads.areEndAt(offset + done)) {
      long read = FileSyscalls.pread(fd, address + done, count - done, offset + done);
      more = (int) ErrnoException.check(read);
      done += more;
    }
    return done;
  }

  @Override
  public int write(long address, int count, long offset) throws ErrnoException {
    if (endOnly) { // with O_APPEND the kernel writes at the end, whatever the offset
      requireEnd(offset);
    }
    return (int) ErrnoException.check(FileSyscalls.pwrite(fd, address, count, offset));
  }

  @Override
  public Fd descriptor() {
    return fd;
  }

  @Override
  public void stat(Stat out) throws ErrnoException {
    ErrnoException.check(Syscalls.statx(fd, Syscalls.SELF, out));
  }

  @Override
  public void truncate(long size) throws ErrnoException {
    ErrnoException.check(FileSyscalls.ftruncate(fd, size));
  }

  @Override
  public void setMtime(long seconds, long nanos) throws ErrnoException {
    ErrnoException.check(
        Syscalls.utimensat(fd, Syscalls.SELF, 0, Linux.UTIME_OMIT, seconds, nanos));
  }

  @Override
  public void allocate(int mode, long offset, long length) throws ErrnoException {
    ErrnoException.check(FileSyscalls.fallocate(fd, mode, offset, length));
  }

  @Override
  public long seek(long offset, int whence) throws ErrnoException {
    long result = FileSyscalls.lseek(fd, offset, whence);
    return result == -Errno.ENXIO ? -1 : ErrnoException.check(result);
  }

  @Override
  public long copyRange(LayerFile from, long fromOffset, long offset, long length)
      throws ErrnoException {
    if (!(from instanceof HostFile source)) {
      throw ErrnoException.of(Errno.EXDEV);
    }
    return ErrnoException.check(
        FileSyscalls.copyFileRange(source.fd, fromOffset, fd, offset, length));
  }

  @Override
  public boolean shareExtents(LayerFile from) throws ErrnoException {
    if (!(from instanceof HostFile source)) {
      return false;
    }
    int result = FileSyscalls.ficlone(fd, source.fd);
    if (result == 0) {
      return true;
    }
    if (result == -Errno.ENOSPC || result == -Errno.EDQUOT || result == -Errno.EIO) {
      throw ErrnoException.of(-result);
    }
    return false;
  }

  @Override
  public void sync(boolean dataOnly) throws ErrnoException {
    ErrnoException.check(dataOnly ? FileSyscalls.fdatasync(fd) : FileSyscalls.fsync(fd));
  }

  @Override
  public void startWriteBack(long offset, long length) {
    FileSyscalls.startWriteBack(fd, offset, length);
  }

  @Override
  public boolean isWrittenBack() throws ErrnoException {
    int result = FileSyscalls.waitForWriteBack(fd, 0, 1);
    if (result != -Errno.EIO && result != -Errno.ENOSPC && result != -Errno.EDQUOT) {
      ErrnoException.check(result);
    }
    return result == 0;
  }

  @Override
  public byte[] flags(FlagsForm form) throws ErrnoException {
    return form.get(fd);
  }

  @Override
  public void setFlags(FlagsForm form, byte[] value) throws ErrnoException {
    form.set(fd, value);
  }

  @Override
  public void close() {
    if (sharedBy == null) {
      fd.close();
      return;
    }
    LayerRef shared = sharedWith.getAndSet(null);
    if (shared != null) {
      sharedBy.unshare(shared);
    }
  }
}
