package plyfs.sys;

/**
 * System calls on open files: data, size, holes, sync, locks. Each returns zero or more, or a
 * negated errno; EINTR is retried unless the name of the method says otherwise.
 */
public final class FileSyscalls {
  private FileSyscalls() {}

  public static long read(Fd fd, long address, long count) {
    long result;
    do {
      result = Syscalls.result(Syscalls.LIBC.read(fd.number(), address, count));
    } while (Syscalls.interrupted(result));
    return result;
  }

  /** read(2) that returns EINTR. */
  public static long readInterruptibly(Fd fd, long address, long count) {
    return Syscalls.result(Syscalls.LIBC.read(fd.number(), address, count));
  }

  /** Sets whether reads of this open file return EAGAIN immediately if there is nothing to read. */
  public static void setNonblocking(Fd fd, boolean wanted) {
    int flags = Linux.O_RDWR | (wanted ? Linux.O_NONBLOCK : 0);
    Syscalls.result(Syscalls.LIBC.fcntl(fd.number(), Linux.F_SETFL, flags));
  }

  public static long write(Fd fd, long address, long count) {
    long result;
    do {
      result = Syscalls.result(Syscalls.LIBC.write(fd.number(), address, count));
    } while (Syscalls.interrupted(result));
    return result;
  }

  public static long pread(Fd fd, long address, long count, long offset) {
    long result;
    do {
      result = Syscalls.result(Syscalls.LIBC.pread(fd.number(), address, count, offset));
    } while (Syscalls.interrupted(result));
    return result;
  }

  public static long pwrite(Fd fd, long address, long count, long offset) {
    long result;
    do {
      result = Syscalls.result(Syscalls.LIBC.pwrite(fd.number(), address, count, offset));
    } while (Syscalls.interrupted(result));
    return result;
  }

  public static int ftruncate(Fd fd, long length) {
    int result;
    do {
      result = Syscalls.result(Syscalls.LIBC.ftruncate(fd.number(), length));
    } while (Syscalls.interrupted(result));
    return result;
  }

  public static int fallocate(Fd fd, int mode, long offset, long length) {
    int result;
    do {
      result = Syscalls.result(Syscalls.LIBC.fallocate(fd.number(), mode, offset, length));
    } while (Syscalls.interrupted(result));
    return result;
  }

  public static long lseek(Fd fd, long offset, int whence) {
    return Syscalls.result(Syscalls.LIBC.lseek(fd.number(), offset, whence));
  }

  /** copy_file_range(2) with both offsets. */
  public static long copyFileRange(Fd in, long inOffset, Fd out, long outOffset, long length) {
    Scratch scratch = Scratch.get();
    long result;
    do {
      scratch.struct.putLong(0, inOffset).putLong(8, outOffset);
      result =
          Syscalls.result(
              Syscalls.LIBC.copy_file_range(
                  in.number(),
                  scratch.structAddress,
                  out.number(),
                  scratch.structAddress + 8,
                  length,
                  0));
    } while (Syscalls.interrupted(result));
    return result;
  }

  /** Makes {@code out} share all extents of {@code in} (FICLONE). */
  public static int ficlone(Fd out, Fd in) {
    int result;
    do {
      result = Syscalls.result(Syscalls.LIBC.ioctl(out.number(), Linux.FICLONE, in.number()));
    } while (Syscalls.interrupted(result));
    return result;
  }

  public static int fsync(Fd fd) {
    int result;
    do {
      result = Syscalls.result(Syscalls.LIBC.fsync(fd.number()));
    } while (Syscalls.interrupted(result));
    return result;
  }

  public static int fdatasync(Fd fd) {
    int result;
    do {
      result = Syscalls.result(Syscalls.LIBC.fdatasync(fd.number()));
    } while (Syscalls.interrupted(result));
    return result;
  }

  /** sync_file_range(2) that starts the write-back of a range and does not wait. */
  public static int startWriteBack(Fd fd, long offset, long length) {
    return Syscalls.result(
        Syscalls.LIBC.sync_file_range(fd.number(), offset, length, Linux.SYNC_FILE_RANGE_WRITE));
  }

  /**
   * sync_file_range(2) that only waits for the write-back in progress in a range, and reports
   * failed write-backs of the file.
   */
  public static int waitForWriteBack(Fd fd, long offset, long length) {
    int result;
    do {
      result =
          Syscalls.result(
              Syscalls.LIBC.sync_file_range(
                  fd.number(), offset, length, Linux.SYNC_FILE_RANGE_WAIT_BEFORE));
    } while (Syscalls.interrupted(result));
    return result;
  }

  public static int syncfs(Fd fd) {
    int result;
    do {
      result = Syscalls.result(Syscalls.LIBC.syncfs(fd.number()));
    } while (Syscalls.interrupted(result));
    return result;
  }

  static long getdents64(Fd fd, long address, int size) {
    return Syscalls.result(Syscalls.LIBC.getdents64(fd.number(), address, size));
  }

  public static int fstatfs(Fd fd, StatFs out) {
    return Syscalls.result(Syscalls.LIBC.fstatfs(fd.number(), out.address()));
  }

  /**
   * ioctl(2) with a number or an address.
   *
   * @param argument the argument; the caller keeps memory that it points to reachable
   */
  public static int ioctl(Fd fd, long request, long argument) {
    return Syscalls.result(Syscalls.LIBC.ioctl(fd.number(), request, argument));
  }

  /** flock(2). */
  public static int flock(Fd fd, int operation) {
    return Syscalls.result(Syscalls.LIBC.flock(fd.number(), operation));
  }
}
