package plyfs.sys;

import com.kenai.jffi.LastError;
import com.kenai.jffi.MemoryIO;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * System calls on files and directories, under their own names. Each returns zero or more, or a
 * negated error number; EINTR is retried, except for close.
 *
 * <p>A directory and a path identify an object, as in the {@code *at} calls. An <em>empty path</em>
 * means the object of the descriptor itself, of any type, also if it was opened with {@code
 * O_PATH}. Paths are bytes without a final NUL; a path of 4096 bytes or more gives ENAMETOOLONG. No
 * method follows symbolic links unless its comment says so.
 */
public final class Syscalls {
  /** The path that means the descriptor itself. */
  public static final byte[] SELF = {};

  static final LibC LIBC = new LibC();
  static final int NAME_TOO_LONG = -Errno.ENAMETOOLONG;
  private static final LastError LAST_ERROR = LastError.getInstance();

  /**
   * proc(5) as of the start of this process. Its files are found here even if the mount namespace
   * loses /proc later. Closed if there was no /proc.
   */
  static final Fd PROC = openDirectoryAtStart(Fd.CWD, "/proc");

  /**
   * Links to all open files of this process, by descriptor number: {@code self/fd} of {@link
   * #PROC}.
   */
  static final Fd DESCRIPTORS = openDirectoryAtStart(PROC, "self/fd");

  private static final long NR_OPENAT2 = 437;

  /** fchmodat2, Linux 6.6: chmod of a descriptor opened with O_PATH. */
  private static final long NR_FCHMODAT2 = 452;

  private static volatile boolean noFchmodat2;

  private Syscalls() {}

  /**
   * Address of the first byte of a direct buffer. The caller must keep the buffer reachable while
   * it uses the address.
   *
   * @param direct a direct buffer at position 0
   */
  public static long addressOf(ByteBuffer direct) {
    return MemoryIO.getInstance().getDirectBufferAddress(direct);
  }

  static int result(int returned) {
    return returned == -1 ? -LAST_ERROR.get() : returned;
  }

  static long result(long returned) {
    return returned == -1 ? -LAST_ERROR.get() : returned;
  }

  static boolean interrupted(long result) {
    return result == -Errno.EINTR;
  }

  static int openat(Fd dir, byte[] path, int flags, int mode) {
    long address = Scratch.get().path(path);
    if (address == 0) {
      return NAME_TOO_LONG;
    }
    int result;
    do {
      result = result(LIBC.openat(dir.number(), address, flags | Linux.O_CLOEXEC, mode));
    } while (interrupted(result));
    return result;
  }

  private static Fd openDirectoryAtStart(Fd dir, String path) {
    byte[] bytes = path.getBytes(StandardCharsets.US_ASCII);
    return Fd.adoptOrClosed(openat(dir, bytes, Linux.O_PATH | Linux.O_DIRECTORY, 0));
  }

  /**
   * Opens the object of a descriptor again, whether it has a name or not.
   *
   * @param flags {@code O_*} without O_NOFOLLOW; with O_PATH the descriptor itself is duplicated
   */
  public static Fd reopen(Fd fd, int flags) throws ErrnoException {
    if ((flags & Linux.O_PATH) != 0) {
      return Fd.adopt(result(LIBC.fcntl(fd.number(), Linux.F_DUPFD_CLOEXEC, 0)));
    }
    long name = Scratch.get().descriptorName(fd.number());
    int result;
    do {
      result = result(LIBC.openat(DESCRIPTORS.number(), name, flags | Linux.O_CLOEXEC, 0));
    } while (interrupted(result));
    return Fd.adopt(result);
  }

  /** {@code struct open_how}: {@code [u64 flags][u64 mode][u64 resolve]}, 24 bytes. */
  static int openat2(Fd dir, byte[] path, int flags, int mode, int resolve) {
    Scratch scratch = Scratch.get();
    long address = scratch.path(path);
    if (address == 0) {
      return NAME_TOO_LONG;
    }
    scratch.struct.putLong(0, flags | Linux.O_CLOEXEC).putLong(8, mode).putLong(16, resolve);
    long result;
    do {
      result = result(LIBC.syscall(NR_OPENAT2, dir.number(), address, scratch.structAddress, 24));
    } while (interrupted(result) || result == -Errno.EAGAIN);
    return (int) result;
  }

  static void close(int fd) {
    LIBC.close(fd);
  }

  /** Lets another runnable thread run first on this processor. */
  public static void yieldProcessor() {
    LIBC.sched_yield();
  }

  /** statx(2) of the object itself, filled into {@code out}. */
  public static int statx(Fd dir, byte[] path, Stat out) {
    long address = Scratch.get().path(path);
    int flags =
        Linux.AT_SYMLINK_NOFOLLOW
            | Linux.AT_NO_AUTOMOUNT
            | (path.length == 0 ? Linux.AT_EMPTY_PATH : 0);
    return address == 0 ? NAME_TOO_LONG : statx(dir, address, flags, out);
  }

  /** statx(2) of a path from the command line, following symbolic links. */
  public static int statxFollowing(Fd dir, byte[] path, Stat out) {
    long address = Scratch.get().path(path);
    return address == 0 ? NAME_TOO_LONG : statx(dir, address, 0, out);
  }

  /**
   * As {@link #statxFollowing}, from the kernel's cache: it sends no request to a daemon that
   * serves the file system. Only the device and the attributes of the mount are certainly correct.
   */
  public static int statxKnown(Fd dir, byte[] path, Stat out) {
    long address = Scratch.get().path(path);
    return address == 0
        ? NAME_TOO_LONG
        : statx(dir, address, Linux.AT_NO_AUTOMOUNT | Linux.AT_STATX_DONT_SYNC, out);
  }

  private static int statx(Fd dir, long path, int flags, Stat out) {
    int result = LIBC.statx(dir.number(), path, flags, Stat.MASK, out.address());
    if (result == -1) {
      return -LAST_ERROR.get();
    }
    out.load();
    return result;
  }

  /** readlinkat(2) into native memory; an empty path reads the link of the descriptor itself. */
  public static int readlinkat(Fd dir, byte[] path, long target, int size) {
    long address = Scratch.get().path(path);
    return address == 0
        ? NAME_TOO_LONG
        : (int) result(LIBC.readlinkat(dir.number(), address, target, size));
  }

  /** Target of a symbolic link, a new array. */
  public static byte[] readlink(Fd dir, byte[] path) throws ErrnoException {
    Scratch scratch = Scratch.get();
    int length =
        ErrnoException.check(readlinkat(dir, path, scratch.valueAddress, Scratch.PATH_BYTES));
    byte[] target = new byte[length];
    scratch.value.get(0, target);
    return target;
  }

  /**
   * Current absolute path of the object of a descriptor according to the kernel, for messages and
   * comparisons.
   */
  public static byte[] realPath(Fd fd) throws ErrnoException {
    Scratch scratch = Scratch.get();
    long name = scratch.descriptorName(fd.number());
    long length =
        result(
            LIBC.readlinkat(DESCRIPTORS.number(), name, scratch.valueAddress, Scratch.PATH_BYTES));
    byte[] path = new byte[(int) ErrnoException.check(length)];
    scratch.value.get(0, path);
    return path;
  }

  public static int mkdirat(Fd dir, byte[] path, int mode) {
    long address = Scratch.get().path(path);
    return address == 0 ? NAME_TOO_LONG : result(LIBC.mkdirat(dir.number(), address, mode));
  }

  /**
   * mknodat(2).
   *
   * @param dev device number in the kernel's 32-bit form, as {@link Stat#rdev}
   */
  public static int mknodat(Fd dir, byte[] path, int mode, int dev) {
    long address = Scratch.get().path(path);
    if (address == 0) {
      return NAME_TOO_LONG;
    }
    // The C library takes major and minor number in 64 bits and packs them itself.
    long major = Linux.major(dev);
    long minor = Linux.minor(dev);
    long wide = (major & 0xfff) << 8 | minor & 0xff | (minor & 0xffffff00L) << 12;
    return result(LIBC.mknodat(dir.number(), address, mode, wide));
  }

  public static int symlinkat(byte[] target, Fd dir, byte[] path) {
    Scratch scratch = Scratch.get();
    long address = scratch.path(path);
    long targetAddress = scratch.secondPath(target);
    return address == 0 || targetAddress == 0
        ? NAME_TOO_LONG
        : result(LIBC.symlinkat(targetAddress, dir.number(), address));
  }

  /**
   * linkat(2); an empty old path links the object of the descriptor, which may have no name yet
   * (O_TMPFILE).
   */
  public static int linkat(Fd oldDir, byte[] oldPath, Fd newDir, byte[] newPath) {
    Scratch scratch = Scratch.get();
    long newAddress = scratch.secondPath(newPath);
    // AT_EMPTY_PATH needs CAP_DAC_READ_SEARCH; the link in /proc needs no privilege.
    boolean self = oldPath.length == 0;
    long oldAddress = self ? scratch.descriptorName(oldDir.number()) : scratch.path(oldPath);
    if (oldAddress == 0 || newAddress == 0) {
      return NAME_TOO_LONG;
    }
    int from = self ? DESCRIPTORS.number() : oldDir.number();
    return result(
        LIBC.linkat(
            from, oldAddress, newDir.number(), newAddress, self ? Linux.AT_SYMLINK_FOLLOW : 0));
  }

  /**
   * unlinkat(2).
   *
   * @param flags 0 or {@link Linux#AT_REMOVEDIR}
   */
  public static int unlinkat(Fd dir, byte[] path, int flags) {
    long address = Scratch.get().path(path);
    return address == 0 ? NAME_TOO_LONG : result(LIBC.unlinkat(dir.number(), address, flags));
  }

  /**
   * renameat2(2).
   *
   * @param flags {@code RENAME_*}
   */
  public static int renameat2(Fd oldDir, byte[] oldPath, Fd newDir, byte[] newPath, int flags) {
    Scratch scratch = Scratch.get();
    long oldAddress = scratch.path(oldPath);
    long newAddress = scratch.secondPath(newPath);
    if (oldAddress == 0 || newAddress == 0) {
      return NAME_TOO_LONG;
    }
    return result(LIBC.renameat2(oldDir.number(), oldAddress, newDir.number(), newAddress, flags));
  }

  /**
   * chmod(2) of the object itself. A symbolic link gives EOPNOTSUPP.
   *
   * @param mode permission bits, setuid, setgid and sticky included
   */
  public static int chmodat(Fd dir, byte[] path, int mode) {
    if (!noFchmodat2) {
      long address = Scratch.get().path(path);
      if (address == 0) {
        return NAME_TOO_LONG;
      }
      int flags = Linux.AT_SYMLINK_NOFOLLOW | (path.length == 0 ? Linux.AT_EMPTY_PATH : 0);
      int result = (int) result(LIBC.syscall(NR_FCHMODAT2, dir.number(), address, mode, flags));
      if (result != -Errno.ENOSYS) {
        return result;
      }
      noFchmodat2 = true;
    }
    return chmodByProc(dir, path, mode);
  }

  /**
   * Before Linux 6.6: the link in /proc leads to the object, and no further if it was opened with
   * O_NOFOLLOW.
   */
  private static int chmodByProc(Fd dir, byte[] path, int mode) {
    if (path.length == 0) {
      return chmodDescriptor(dir.number(), mode);
    }
    int opened = openat(dir, path, Linux.O_PATH | Linux.O_NOFOLLOW, 0);
    if (opened < 0) {
      return opened;
    }
    try {
      return chmodDescriptor(opened, mode);
    } finally {
      close(opened);
    }
  }

  private static int chmodDescriptor(int fd, int mode) {
    long name = Scratch.get().descriptorName(fd);
    return result(LIBC.fchmodat(DESCRIPTORS.number(), name, mode, 0));
  }

  public static int fchmod(Fd fd, int mode) {
    return result(LIBC.fchmod(fd.number(), mode));
  }

  /**
   * chown(2) of the object itself, symbolic links included.
   *
   * @param uid or -1 to leave it
   * @param gid or -1 to leave it
   */
  public static int chownat(Fd dir, byte[] path, int uid, int gid) {
    long address = Scratch.get().path(path);
    int flags = Linux.AT_SYMLINK_NOFOLLOW | (path.length == 0 ? Linux.AT_EMPTY_PATH : 0);
    return address == 0
        ? NAME_TOO_LONG
        : result(LIBC.fchownat(dir.number(), address, uid, gid, flags));
  }

  /**
   * utimensat(2) of the object itself. Nanoseconds may be {@link Linux#UTIME_NOW} or {@link
   * Linux#UTIME_OMIT}.
   *
   * @implNote the memory is {@code struct timespec[2]}: {@code [s64 s][s64 ns][s64 s][s64 ns]}
   */
  public static int utimensat(
      Fd dir, byte[] path, long atime, long atimeNanos, long mtime, long mtimeNanos) {
    Scratch scratch = Scratch.get();
    long address = scratch.path(path);
    if (address == 0) {
      return NAME_TOO_LONG;
    }
    scratch
        .struct
        .putLong(0, atime)
        .putLong(8, atimeNanos)
        .putLong(16, mtime)
        .putLong(24, mtimeNanos);
    int flags = Linux.AT_SYMLINK_NOFOLLOW | (path.length == 0 ? Linux.AT_EMPTY_PATH : 0);
    return result(LIBC.utimensat(dir.number(), address, scratch.structAddress, flags));
  }

  /**
   * File handle of an object, in the format of the origin mark: {@code [u32 length][s32
   * type][bytes]}.
   *
   * @return null if the file system has no handles, or the process may not use them
   * @throws ErrnoException ENOENT, ENOMEM, EIO
   */
  public static byte @Nullable [] nameToHandle(Fd dir, byte[] path) throws ErrnoException {
    Scratch scratch = Scratch.get();
    long address = scratch.path(path);
    if (address == 0) {
      throw ErrnoException.of(Errno.ENAMETOOLONG);
    }
    scratch.struct.putInt(0, 128).putInt(4, 0);
    int flags = path.length == 0 ? Linux.AT_EMPTY_PATH : 0;
    int result =
        result(
            LIBC.name_to_handle_at(
                dir.number(), address, scratch.structAddress, scratch.structAddress + 200, flags));
    if (hasNoAnswer(result)) {
      return null;
    }
    ErrnoException.check(result);
    byte[] handle = new byte[8 + scratch.struct.getInt(0)];
    scratch.struct.get(0, handle);
    return handle;
  }

  /**
   * UUID of a file system, 16 bytes; empty if it has none, as squashfs; null if the kernel (before
   * 6.9) does not report it.
   *
   * @implNote FS_IOC_GETFSUUID, {@code struct fsuuid2}: {@code [u8 length][u8 uuid[16]]}. Linux
   *     fs/ioctl.c, ioctl_getfsuuid: ENOTTY where there is none
   */
  public static byte @Nullable [] fileSystemUuid(Fd directory) throws ErrnoException {
    Scratch scratch = Scratch.get();
    int told = result(LIBC.ioctl(directory.number(), 0x80111500L, scratch.structAddress));
    if (told == -Errno.ENOTTY && KernelRelease.isAtLeast(6, 9)) {
      return new byte[0];
    }
    if (hasNoAnswer(told)) {
      return null;
    }
    ErrnoException.check(told);
    if (scratch.struct.get(0) != 16) {
      return null;
    }
    byte[] uuid = new byte[16];
    scratch.struct.get(1, uuid);
    return uuid;
  }

  /** Whether the call failed because it is not supported or not permitted. */
  private static boolean hasNoAnswer(int result) {
    return result == -Errno.EOPNOTSUPP
        || result == -Errno.ENOTTY
        || result == -Errno.EINVAL
        || result == -Errno.EOVERFLOW
        || result == -Errno.ENOSYS
        || result == -Errno.EPERM
        || result == -Errno.EACCES;
  }

  /** open_by_handle_at(2) with a handle from {@link #nameToHandle}. */
  static int openByHandle(Fd mount, byte[] handle, int flags) {
    Scratch scratch = Scratch.get();
    if (handle.length > 200) {
      return -Errno.EINVAL;
    }
    scratch.struct.put(0, handle);
    return result(
        LIBC.open_by_handle_at(mount.number(), scratch.structAddress, flags | Linux.O_CLOEXEC));
  }

  static String strerror(int errno) {
    Scratch scratch = Scratch.get();
    // The POSIX variant, which also fills the buffer for an unknown number.
    LIBC.__xpg_strerror_r(errno, scratch.structAddress, 256);
    return nulTerminated(scratch.struct);
  }

  private static String nulTerminated(ByteBuffer memory) {
    int length = 0;
    while (length < memory.capacity() && memory.get(length) != 0) {
      length++;
    }
    byte[] text = new byte[length];
    memory.get(0, text);
    return new String(text, StandardCharsets.UTF_8);
  }
}
