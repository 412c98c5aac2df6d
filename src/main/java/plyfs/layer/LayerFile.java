package plyfs.layer;

import org.jspecify.annotations.Nullable;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FlagsForm;
import plyfs.sys.Stat;

/**
 * A regular file of a layer, open, or a directory whose flags are wanted. Used by many threads at
 * once; positions are always given.
 */
public interface LayerFile extends AutoCloseable {
  /**
   * Reads into native memory.
   *
   * @param address of at least {@code count} bytes
   * @return bytes read; fewer only at the end of the file
   * @throws ErrnoException EIO, also if only the last of the bytes cannot be read: a short count
   *     would say that the file ends there
   */
  int read(long address, int count, long offset) throws ErrnoException;

  /**
   * Writes from native memory.
   *
   * @return bytes written, at least one if {@code count} is not 0
   */
  int write(long address, int count, long offset) throws ErrnoException;

  /** The descriptor, lent, of a file that is nothing else than one; else null. */
  default @Nullable Fd descriptor() {
    return null;
  }

  /** fstat(2). */
  void stat(Stat out) throws ErrnoException;

  /**
   * Before a write to an append-only file: O_APPEND alone does not say that it is at the end.
   *
   * @throws ErrnoException EPERM if the file does not end at this offset
   * @implNote the VFS refuses for such a file what a FUSE kernel lets pass: Linux fs/fcntl.c,
   *     setfl, O_APPEND taken away; include/linux/fs.h, kiocb_set_rw_flags, RWF_NOAPPEND
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

  /** futimens(2) of the modification time, in seconds since 1970 and nanoseconds. */
  void setMtime(long seconds, long nanos) throws ErrnoException;

  /**
   * fallocate(2).
   *
   * @param mode {@code FALLOC_FL_*}
   */
  void allocate(int mode, long offset, long length) throws ErrnoException;

  /**
   * Next data or hole.
   *
   * @param whence {@link plyfs.sys.Linux#SEEK_DATA} or {@link plyfs.sys.Linux#SEEK_HOLE}
   * @return its offset, or -1 if there is none (ENXIO)
   */
  long seek(long offset, int whence) throws ErrnoException;

  /**
   * Copies a range of another file into this one inside the kernel.
   *
   * @return bytes copied, 0 at the end of {@code from}
   * @throws ErrnoException EXDEV, EOPNOTSUPP or EINVAL if these two files cannot: then copy by read
   *     and write
   */
  long copyRange(LayerFile from, long fromOffset, long offset, long length) throws ErrnoException;

  /** Shares all extents of another file (FICLONE); false if these two files cannot. */
  boolean shareExtents(LayerFile from) throws ErrnoException;

  /**
   * Makes the file durable.
   *
   * @param dataOnly fdatasync instead of fsync
   */
  void sync(boolean dataOnly) throws ErrnoException;

  /**
   * Lets a range begin its way to the disk, where that can be done without waiting; {@link #sync}
   * then has less to wait for, and tells of whatever fails.
   */
  void startWriteBack(long offset, long length);

  /**
   * False if writing data back to disk failed since this was asked last, or since the file was
   * opened. Starts nothing.
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
