package plyfs.sys;

import com.kenai.jffi.MemoryIO;
import jnr.ffi.LibraryLoader;

/** System calls that only tests of a mount need: of another user, and through a mapping. */
public final class CallerCalls {
  private static final Native NATIVE = LibraryLoader.create(Native.class).load("c");
  private static final int PROT_READ_WRITE = 3;
  private static final int MAP_SHARED = 1;

  private CallerCalls() {}

  /** No function with exactly six integer arguments: jnr-ffi passes garbage in the sixth. */
  @SuppressWarnings("MemberName")
  public interface Native {
    int setfsuid(int uid);

    int setfsgid(int gid);

    long mmap(long address, long length, int prot, int flags, int fd, long offset, long unused);

    int munmap(long address, long length);

    int truncate(long path, long length);
  }

  /**
   * Makes this thread another user and group for file systems, without the capabilities that root
   * has there; 0 takes that back. Supplementary groups stay.
   *
   * @implNote setfsuid(2) is of one thread; it fails for nobody who was root
   */
  public static void become(int user) {
    NATIVE.setfsgid(user);
    NATIVE.setfsuid(user);
    if (NATIVE.setfsuid(-1) != user) {
      throw new IllegalStateException("setfsuid(" + user + ") has no effect");
    }
  }

  /** truncate(2), which follows links. */
  public static int truncate(byte[] path, long length) {
    return Syscalls.result(NATIVE.truncate(Scratch.get().path(path), length));
  }

  /**
   * Exchanges bytes with a file through a shared mapping.
   *
   * @param file open for reading and writing, at least {@code bytes.length} bytes long
   * @param bytes written at the start; afterwards what the mapping shows there
   */
  public static void writeMapped(Fd file, byte[] bytes) throws ErrnoException {
    long address =
        ErrnoException.check(
            Syscalls.result(
                NATIVE.mmap(0, bytes.length, PROT_READ_WRITE, MAP_SHARED, file.number(), 0, 0)));
    try {
      MemoryIO.getInstance().putByteArray(address, bytes, 0, bytes.length);
      MemoryIO.getInstance().getByteArray(address, bytes, 0, bytes.length);
    } finally {
      NATIVE.munmap(address, bytes.length);
    }
  }
}
