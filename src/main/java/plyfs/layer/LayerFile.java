package plyfs.layer;

import org.jspecify.annotations.Nullable;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FlagsForm;
import plyfs.sys.Stat;

/**
 * An open regular file of a layer, or a directory opened for its flags. Thread-safe: every access
 * gives its position.
 */
public interface LayerFile extends AutoCloseable {
  /**
   * Reads into native memory.
   *
   * @param address of at least {@code count} bytes
   * @return bytes read; fewer only at the end of the file
   * @throws ErrnoException EIO, even if only the last bytes cannot be read: a short count would
   *     mean that the file ends there
   */
  int read(long address, int count, long offset) throws ErrnoException;

  /**
   * Writes from native memory.
   *
   * @return bytes written, at least one if {@code count} is not 0
   */
  int write(long address, int count, long offset) throws ErrnoException;

  /** The descriptor, borrowed, if the file is nothing but a descriptor; otherwise null. */
  default @Nullable Fd descriptor() {
    return null;
  }

  /** fstat(2). */
  void stat(Stat out) throws ErrnoException;

  /**
   * Must be called before a write to an append-only file, because O_APPEND alone does not prove
   * that the write is at the end.
   *
   * @throws ErrnoException EPERM if the file does not end at this offset
   * @implNote for such a file the VFS refuses what a FUSE kernel permits: Linux fs/fcntl.c, setfl,
   *     clearing O_APPEND; include/linux/fs.h, kiocb_set_rw_flags, RWF_NOAPPEND
   */
  default void requireEnd(long offset) throws ErrnoException {
    Stat stat = new Stat();
    stat(stat);
    if (stat.size() != offset) {
      throw ErrnoException.of(Errno.EPERM);
    }
  }

  /** ftruncate(2), in bytes. */
  void truncate(long size) throws ErrnoException;

  /** Sets the modification time as futimens(2), in seconds since 1970 and nanoseconds. */
  void setMtime(long seconds, long nanos) throws ErrnoException;

  /**
   * fallocate(2).
   *
   * @param mode {@code FALLOC_FL_*}
   */
  void allocate(int mode, long offset, long length) throws ErrnoException;

  /**
   * Finds the next data or hole.
   *
   * @param whence {@link plyfs.sys.Linux#SEEK_DATA} or {@link plyfs.sys.Linux#SEEK_HOLE}
   * @return its offset, or -1 if there is none (ENXIO)
   */
  long seek(long offset, int whence) throws ErrnoException;

  /**
   * Copies a range of another file into this one, inside the kernel.
   *
   * @return bytes copied, 0 at the end of {@code from}
   * @throws ErrnoException EXDEV, EOPNOTSUPP or EINVAL if this pair of files does not support it:
   *     then copy by read and write
   */
  long copyRange(LayerFile from, long fromOffset, long offset, long length) throws ErrnoException;

  /**
   * Shares all extents of another file (FICLONE); false if this pair of files does not support it.
   */
  boolean shareExtents(LayerFile from) throws ErrnoException;

  /**
   * Syncs the file to disk.
   *
   * @param dataOnly fdatasync instead of fsync
   */
  void sync(boolean dataOnly) throws ErrnoException;

  /**
   * Starts the write-back of a range, if that needs no waiting. A later {@link #sync} then waits
   * less, and reports all errors.
   */
  void startWriteBack(long offset, long length);

  /**
   * False if a write-back of data has failed since the last call, or since the file was opened.
   * Starts no write-back.
   */
  boolean isWrittenBack() throws ErrnoException;

  /**
   * Flags of the inode.
   *
   * @throws ErrnoException ENOTTY or EOPNOTSUPP where the file system has none
   */
  byte[] flags(FlagsForm form) throws ErrnoException;

  /**
   * Sets flags of the inode; never in a lower layer.
   *
   * @throws ErrnoException as {@link FlagsForm#set}
   */
  void setFlags(FlagsForm form, byte[] value) throws ErrnoException;

  @Override
  void close();
}
