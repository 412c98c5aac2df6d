package plyfs.sys;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;

/**
 * The only owner of a file descriptor. A parameter of this type is borrowed; the callee takes over
 * one named {@code owned...}. Closing twice is harmless; a system call on a closed one gives EBADF.
 * All methods open with {@code O_CLOEXEC}.
 */
public final class Fd implements AutoCloseable {
  /** Stands for the working directory as the directory of a system call. */
  public static final Fd CWD = new Fd(Linux.AT_FDCWD);

  private static final AtomicIntegerFieldUpdater<Fd> NUMBER =
      AtomicIntegerFieldUpdater.newUpdater(Fd.class, "number");

  private volatile int number;

  private Fd(int number) {
    this.number = number;
  }

  /**
   * Takes ownership of a descriptor.
   *
   * @param result the descriptor, or a negated error number, which becomes an exception
   */
  public static Fd adopt(int result) throws ErrnoException {
    return new Fd(ErrnoException.check(result));
  }

  /** As {@link #adopt}, but a failure becomes a closed descriptor. */
  static Fd adoptOrClosed(int result) {
    return new Fd(Math.max(result, -1));
  }

  /**
   * Opens an absolute path, or one relative to the working directory: for paths from the command
   * line, never for names in a mount.
   */
  public static Fd open(byte[] path, int flags) throws ErrnoException {
    return adopt(Syscalls.openat(CWD, path, flags, 0));
  }

  /** openat(2) of one name or path below a directory. */
  public static Fd openat(Fd dir, byte[] path, int flags, int mode) throws ErrnoException {
    return adopt(Syscalls.openat(dir, path, flags, mode));
  }

  /** As {@link #openat}, with null for ENOENT and ENOTDIR. */
  public static @Nullable Fd openIfPresent(Fd dir, byte[] path, int flags) throws ErrnoException {
    int result = Syscalls.openat(dir, path, flags, 0);
    return result == -Errno.ENOENT || result == -Errno.ENOTDIR ? null : adopt(result);
  }

  /**
   * openat2(2).
   *
   * @param resolve {@code RESOLVE_*}
   */
  public static Fd openat2(Fd dir, byte[] path, int flags, int mode, int resolve)
      throws ErrnoException {
    return adopt(Syscalls.openat2(dir, path, flags, mode, resolve));
  }

  /** open_by_handle_at(2). */
  public static Fd openByHandle(Fd mount, byte[] handle, int flags) throws ErrnoException {
    return adopt(Syscalls.openByHandle(mount, handle, flags));
  }

  int number() {
    return number;
  }

  /** The number, for a mount option, a message or a child process. */
  public int forMessage() {
    return number;
  }

  public boolean isOpen() {
    return number >= 0;
  }

  /** Closes; errors of close(2) are not reported, because data is made durable by fsync only. */
  @Override
  public void close() {
    if (this == CWD) {
      return;
    }
    int last = NUMBER.getAndSet(this, -1);
    if (last >= 0) {
      Syscalls.close(last);
    }
  }

  @Override
  public String toString() {
    return "fd " + number;
  }
}
