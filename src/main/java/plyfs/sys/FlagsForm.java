package plyfs.sys;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The two ioctl(2) forms for the flags of an inode, those of chattr(1). Each is a value in the
 * CPU's byte order whose first 32 bits are flags.
 *
 * @implNote include/uapi/linux/fs.h
 */
public enum FlagsForm {
  /** {@code FS_IOC_GETFLAGS} and {@code SETFLAGS}: {@code [u32 FS_*_FL]}. */
  FLAGS(4, 0x80086601, 0x40086602, 0x10, 0x20),

  /**
   * {@code FS_IOC_FSGETXATTR} and {@code FSSETXATTR}, {@code struct fsxattr}: {@code [u32
   * FS_XFLAG_*][u32 extsize][u32 nextents][u32 projid][u32 cowextsize][8 bytes]}.
   */
  XFLAGS(28, 0x801c581f, 0x401c5820, 0x08, 0x10);

  /** {@code FS_SYNC_FL}, chattr +S, in {@link #FLAGS}. */
  public static final int SYNC = 0x08;

  /** {@code FS_NOATIME_FL}, chattr +A, in {@link #FLAGS}. */
  public static final int NOATIME = 0x80;

  private final int bytes;
  private final int getRequest;
  private final int setRequest;
  private final int immutable;
  private final int appendOnly;

  FlagsForm(int bytes, int getRequest, int setRequest, int immutable, int appendOnly) {
    this.bytes = bytes;
    this.getRequest = getRequest;
    this.setRequest = setRequest;
    this.immutable = immutable;
    this.appendOnly = appendOnly;
  }

  /** Size of a value, bytes. */
  public int bytes() {
    return bytes;
  }

  /** Number of the ioctl that reads the flags. */
  public int getRequest() {
    return getRequest;
  }

  /** Number of the ioctl that sets the flags. */
  public int setRequest() {
    return setRequest;
  }

  /** The bit of chattr +i. */
  public int immutable() {
    return immutable;
  }

  /** The bit of chattr +a. */
  public int appendOnly() {
    return appendOnly;
  }

  /** The flags of a value. */
  public int flagsOf(byte[] value) {
    return ByteBuffer.wrap(value).order(ByteOrder.nativeOrder()).getInt(0);
  }

  /** A copy of a value with these flags. */
  public byte[] withFlags(byte[] value, int flags) {
    byte[] copy = value.clone();
    ByteBuffer.wrap(copy).order(ByteOrder.nativeOrder()).putInt(0, flags);
    return copy;
  }

  /**
   * The value of a regular file or a directory.
   *
   * @throws ErrnoException ENOTTY or EOPNOTSUPP where the file system has no flags
   */
  public byte[] get(Fd fd) throws ErrnoException {
    Scratch scratch = Scratch.get();
    ErrnoException.check(
        FileSyscalls.ioctl(fd, Integer.toUnsignedLong(getRequest), scratch.structAddress));
    byte[] value = new byte[bytes];
    scratch.struct.get(0, value);
    return value;
  }

  /**
   * Sets the value of a regular file or a directory, which need not be open for writing.
   *
   * @throws ErrnoException ENOTTY or EOPNOTSUPP if the file system does not support flags, or one
   *     of these; EPERM, EROFS
   */
  public void set(Fd fd, byte[] value) throws ErrnoException {
    Scratch scratch = Scratch.get();
    scratch.struct.put(0, value, 0, bytes);
    ErrnoException.check(
        FileSyscalls.ioctl(fd, Integer.toUnsignedLong(setRequest), scratch.structAddress));
  }
}
