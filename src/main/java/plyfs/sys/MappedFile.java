package plyfs.sys;

/**
 * A file mapped shared and writable. A system call stores the bytes in the mapping. A page that is
 * not available thus gives EFAULT instead of SIGBUS, and no Java thread blocks a safepoint while it
 * waits for a page.
 */
public final class MappedFile implements AutoCloseable {
  private static final int PROT_READ_WRITE = 3;
  private static final int MAP_SHARED = 1;

  private final long address;
  private final long length;

  private MappedFile(long address, long length) {
    this.address = address;
    this.length = length;
  }

  /**
   * Maps the first bytes of a file.
   *
   * @param fd open for reading and writing
   * @param length bytes, at least 1
   * @throws ErrnoException ENODEV if the file system does not support it; ENOMEM
   */
  public static MappedFile shared(Fd fd, long length) throws ErrnoException {
    long address =
        Syscalls.result(Syscalls.LIBC.mmap(0, length, PROT_READ_WRITE, MAP_SHARED, fd.number(), 0));
    return new MappedFile(ErrnoException.check(address), length);
  }

  /**
   * Stores the first byte of another file at the start of the mapping.
   *
   * @param source open for reading, such as {@code /dev/zero}
   * @throws ErrnoException EFAULT if the page is not available, for any reason
   */
  public void storeFirstByte(Fd source) throws ErrnoException {
    ErrnoException.check(FileSyscalls.read(source, address, 1));
  }

  @Override
  public void close() {
    Syscalls.LIBC.munmap(address, length);
  }
}
