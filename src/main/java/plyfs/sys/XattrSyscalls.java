package plyfs.sys;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Extended attributes of an object named as in {@link Syscalls}: a directory and a path, or an
 * empty path for the descriptor itself. Results are zero or more, or a negated error number.
 *
 * @implNote the calls take no descriptor opened with O_PATH, so objects are reached through {@code
 *     /proc/self/fd}; where the kernel has them (Linux 6.13) what is read by name is read by the
 *     *xattrat calls, which cost a third of that. These also take over when the mount namespace has
 *     lost its /proc: their directory is a descriptor of it ({@link Syscalls#DESCRIPTORS}). Not
 *     always, because two of them have more arguments than jffi passes without garbage. An older
 *     kernel has no such call, and then ENOENT stays
 */
public final class XattrSyscalls {
  private static final long NR_SETXATTRAT = 463;
  private static final long NR_GETXATTRAT = 464;
  private static final long NR_LISTXATTRAT = 465;
  private static final long NR_REMOVEXATTRAT = 466;

  /** {@code struct xattr_args}: {@code [u64 value][u32 size][u32 flags]}. */
  private static final int XATTR_ARGS_BYTES = 16;

  /**
   * Most values and lists are shorter, and the kernel clears a buffer as large as the caller
   * offers.
   */
  private static final int USUAL_BYTES = 512;

  private static volatile boolean noXattrat;

  private XattrSyscalls() {}

  /**
   * Whether a path through /proc may have failed because /proc is missing. A path to an open
   * descriptor never fails otherwise; with a further component, the object may not exist.
   */
  private static boolean mayLackProc(long result) {
    return result == -Errno.ENOENT && !noXattrat;
  }

  /** Directory for the *xattrat calls: for an object without a path they use the link to it. */
  private static int directoryOf(Fd dir, byte[] path) {
    return path.length == 0 ? Syscalls.DESCRIPTORS.number() : dir.number();
  }

  /** With {@link #directoryOf}: address of the path, 0 if it is too long. */
  private static long nameOf(Fd dir, byte[] path) {
    Scratch scratch = Scratch.get();
    return path.length == 0 ? scratch.descriptorName(dir.number()) : scratch.path(path);
  }

  /** With {@link #directoryOf}: flags that follow the link only. */
  private static int flagsFor(byte[] path) {
    return path.length == 0 ? 0 : Linux.AT_SYMLINK_NOFOLLOW;
  }

  /**
   * The result of a call without /proc, or, if the kernel does not have it, the result of the call
   * through /proc.
   */
  private static int orNoProc(int result) {
    return result == -Errno.ENOSYS ? -Errno.ENOENT : result;
  }

  /** Whether the kernel does not have the call, so that it has to be made through /proc. */
  private static boolean isMissing(long result) {
    if (result == -Errno.ENOSYS) {
      noXattrat = true;
    }
    return result == -Errno.ENOSYS || result == -Errno.EPERM; // EPERM from old seccomp filters
  }

  /**
   * Reads the value of an attribute into native memory.
   *
   * @param size bytes at {@code value}; 0 to get only the length
   * @return length of the value, or -ENODATA, -ERANGE, -EOPNOTSUPP, ...
   */
  public static int get(Fd dir, byte[] path, byte[] name, long value, int size) {
    if (path.length > 0 && !noXattrat) {
      int result = getAt(dir, path, name, value, size);
      if (!isMissing(result)) {
        return result;
      }
    }
    Scratch scratch = Scratch.get();
    long address = scratch.procPath(dir.number(), path);
    long nameAddress = scratch.xattrName(name);
    if (address == 0 || nameAddress == 0) {
      return nameAddress == 0 ? -Errno.ERANGE : Syscalls.NAME_TOO_LONG;
    }
    // A path must not be followed. The link in /proc must be, and leads to the object even if that
    // is a symbolic link.
    long result =
        Syscalls.result(
            path.length == 0
                ? Syscalls.LIBC.getxattr(address, nameAddress, value, size)
                : Syscalls.LIBC.lgetxattr(address, nameAddress, value, size));
    return mayLackProc(result) ? orNoProc(getAt(dir, path, name, value, size)) : (int) result;
  }

  private static int getAt(Fd dir, byte[] path, byte[] name, long value, int size) {
    return withArguments(NR_GETXATTRAT, dir, path, name, value, size, 0);
  }

  private static int withArguments(
      long call, Fd dir, byte[] path, byte[] name, long value, int size, int flags) {
    Scratch scratch = Scratch.get();
    long address = nameOf(dir, path);
    long nameAddress = scratch.xattrName(name);
    if (address == 0 || nameAddress == 0) {
      return nameAddress == 0 ? -Errno.ERANGE : Syscalls.NAME_TOO_LONG;
    }
    scratch.struct.putLong(0, value).putInt(8, size).putInt(12, flags);
    return (int)
        Syscalls.result(
            Syscalls.LIBC.syscall(
                call,
                directoryOf(dir, path),
                address,
                flagsFor(path),
                nameAddress,
                scratch.structAddress,
                XATTR_ARGS_BYTES));
  }

  /**
   * Value of an attribute, a new array; null if the object does not have it or cannot have
   * attributes.
   */
  public static byte @Nullable [] get(Fd dir, byte[] path, byte[] name) throws ErrnoException {
    Scratch scratch = Scratch.get();
    int length = get(dir, path, name, scratch.valueAddress, USUAL_BYTES);
    if (length == -Errno.ERANGE) {
      length = get(dir, path, name, scratch.valueAddress, Linux.XATTR_SIZE_MAX);
    }
    if (length == -Errno.ENODATA || length == -Errno.EOPNOTSUPP) {
      return null;
    }
    ErrnoException.check(length);
    byte[] value = new byte[length];
    scratch.value.get(0, value);
    return value;
  }

  /**
   * Names of all attributes, each with a final NUL, into native memory.
   *
   * @param size bytes at {@code list}; 0 asks for the length alone
   */
  public static int list(Fd dir, byte[] path, long list, int size) {
    if (path.length > 0 && !noXattrat) {
      int result = listAt(dir, path, list, size);
      if (!isMissing(result)) {
        return result;
      }
    }
    long address = Scratch.get().procPath(dir.number(), path);
    if (address == 0) {
      return Syscalls.NAME_TOO_LONG;
    }
    long result =
        Syscalls.result(
            path.length == 0
                ? Syscalls.LIBC.listxattr(address, list, size)
                : Syscalls.LIBC.llistxattr(address, list, size));
    return mayLackProc(result) ? orNoProc(listAt(dir, path, list, size)) : (int) result;
  }

  private static int listAt(Fd dir, byte[] path, long list, int size) {
    long address = nameOf(dir, path);
    return address == 0
        ? Syscalls.NAME_TOO_LONG
        : (int)
            Syscalls.result(
                Syscalls.LIBC.syscall(
                    NR_LISTXATTRAT, directoryOf(dir, path), address, flagsFor(path), list, size));
  }

  /**
   * Names of all attributes, each with a final NUL, a new array; empty if the object cannot have
   * attributes.
   */
  public static byte[] list(Fd dir, byte[] path) throws ErrnoException {
    Scratch scratch = Scratch.get();
    int length = list(dir, path, scratch.valueAddress, USUAL_BYTES);
    if (length == -Errno.ERANGE) {
      length = list(dir, path, scratch.valueAddress, Linux.XATTR_SIZE_MAX);
    }
    if (length == -Errno.EOPNOTSUPP) {
      return new byte[0];
    }
    ErrnoException.check(length);
    byte[] names = new byte[length];
    scratch.value.get(0, names);
    return names;
  }

  /**
   * Which of some attributes an object has, with one system call and without garbage.
   *
   * @param names without a final NUL, at most 31
   * @return bit i is set if it has {@code names[i]}; all bits are set if the file system cannot
   *     list attributes, so that nothing is known; or a negated error number
   */
  public static int among(Fd dir, byte[] path, byte[][] names) {
    Scratch scratch = Scratch.get();
    int length = list(dir, path, scratch.valueAddress, USUAL_BYTES);
    if (length == -Errno.ERANGE) {
      length = list(dir, path, scratch.valueAddress, Linux.XATTR_SIZE_MAX);
    }
    if (length == -Errno.EOPNOTSUPP) {
      return (1 << names.length) - 1;
    }
    return length < 0 ? length : among(scratch.value, length, names);
  }

  /**
   * Which of some attributes are in a list.
   *
   * @param list a result of {@link #list}, from 0 to {@code length}
   * @param names without a final NUL, at most 31
   * @return bit i is set if the list contains {@code names[i]}
   */
  public static int among(ByteBuffer list, int length, byte[][] names) {
    int found = 0;
    int start = 0;
    for (int i = 0; i < length; i++) {
      if (list.get(i) == 0) {
        for (int n = 0; n < names.length; n++) {
          found |= isAt(list, start, i, names[n]) ? 1 << n : 0;
        }
        start = i + 1;
      }
    }
    return found;
  }

  private static boolean isAt(ByteBuffer list, int from, int to, byte[] name) {
    if (to - from != name.length) {
      return false;
    }
    for (int i = name.length - 1; i >= 0; i--) { // marks differ at their ends
      if (list.get(from + i) != name[i]) {
        return false;
      }
    }
    return true;
  }

  /**
   * Sets an attribute from native memory.
   *
   * @param flags 0, {@link Linux#XATTR_CREATE} or {@link Linux#XATTR_REPLACE}
   */
  public static int set(Fd dir, byte[] path, byte[] name, long value, int size, int flags) {
    Scratch scratch = Scratch.get();
    long address = scratch.procPath(dir.number(), path);
    long nameAddress = scratch.xattrName(name);
    if (address == 0 || nameAddress == 0) {
      return nameAddress == 0 ? -Errno.ERANGE : Syscalls.NAME_TOO_LONG;
    }
    int result =
        Syscalls.result(
            path.length == 0
                ? Syscalls.LIBC.setxattr(address, nameAddress, value, size, flags)
                : Syscalls.LIBC.lsetxattr(address, nameAddress, value, size, flags));
    return mayLackProc(result)
        ? orNoProc(withArguments(NR_SETXATTRAT, dir, path, name, value, size, flags))
        : result;
  }

  /** Sets an attribute from an array of at most 64 KiB. */
  public static int set(Fd dir, byte[] path, byte[] name, byte[] value, int flags) {
    if (value.length > Linux.XATTR_SIZE_MAX) {
      return -Errno.E2BIG;
    }
    Scratch scratch = Scratch.get();
    scratch.value.put(0, value);
    return set(dir, path, name, scratch.valueAddress, value.length, flags);
  }

  /** Removes an attribute; -ENODATA if the object does not have it. */
  public static int remove(Fd dir, byte[] path, byte[] name) {
    Scratch scratch = Scratch.get();
    long address = scratch.procPath(dir.number(), path);
    long nameAddress = scratch.xattrName(name);
    if (address == 0 || nameAddress == 0) {
      return nameAddress == 0 ? -Errno.ERANGE : Syscalls.NAME_TOO_LONG;
    }
    int result =
        Syscalls.result(
            path.length == 0
                ? Syscalls.LIBC.removexattr(address, nameAddress)
                : Syscalls.LIBC.lremovexattr(address, nameAddress));
    return mayLackProc(result) ? orNoProc(removeAt(dir, path, nameAddress)) : result;
  }

  private static int removeAt(Fd dir, byte[] path, long nameAddress) {
    return (int)
        Syscalls.result(
            Syscalls.LIBC.syscall(
                NR_REMOVEXATTRAT,
                directoryOf(dir, path),
                nameOf(dir, path),
                flagsFor(path),
                nameAddress));
  }

  /** Calls the visitor for each name in a result of {@link #list}, without its NUL. */
  public static void forEachName(byte[] names, NameVisitor visitor) throws ErrnoException {
    int start = 0;
    for (int i = 0; i < names.length; i++) {
      if (names[i] == 0) {
        visitor.visit(Arrays.copyOfRange(names, start, i));
        start = i + 1;
      }
    }
  }

  /** Receives the names of attributes. */
  @FunctionalInterface
  public interface NameVisitor {
    /**
     * One name.
     *
     * @param name without a final NUL
     */
    void visit(byte[] name) throws ErrnoException;
  }
}
