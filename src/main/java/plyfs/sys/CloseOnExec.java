package plyfs.sys;

import java.io.File;

/**
 * Prevents programs that this process starts from inheriting its descriptors: the JVM opens its
 * jars without O_CLOEXEC, and the caller may have left a pipe open, at whose other end a program
 * waits.
 */
public final class CloseOnExec {
  private static final long NR_CLOSE_RANGE = 436;
  private static final long CLOSE_RANGE_CLOEXEC = 4;
  private static final int FIRST = 3;
  private static final long LAST = 0xFFFF_FFFFL;
  private static final int F_SETFD = 2;
  private static final int FD_CLOEXEC = 1;

  private CloseOnExec() {}

  /**
   * Marks all open descriptors except the standard streams.
   *
   * @implNote Linux 5.11 does it at once
   */
  public static void markAll() {
    if (Syscalls.LIBC.syscall(NR_CLOSE_RANGE, FIRST, LAST, CLOSE_RANGE_CLOEXEC) != 0) {
      markEach();
    }
  }

  /**
   * Marks them one by one. Without /proc this marks nothing, and the program inherits descriptors
   * that it does not use.
   */
  static void markEach() {
    String[] numbers = new File("/proc/self/fd").list();
    if (numbers == null) {
      return;
    }
    for (String number : numbers) {
      int fd = Integer.parseInt(number);
      if (fd >= FIRST) {
        Syscalls.LIBC.fcntl(fd, F_SETFD, FD_CLOEXEC);
      }
    }
  }
}
