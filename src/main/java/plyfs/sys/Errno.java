package plyfs.sys;

/** Linux error numbers, as {@code asm-generic/errno.h} numbers them, positive. */
public final class Errno {
  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int ESRCH = 3;
  public static final int EINTR = 4;
  public static final int EIO = 5;
  public static final int ENXIO = 6;
  public static final int E2BIG = 7;
  public static final int EBADF = 9;
  public static final int EAGAIN = 11;
  public static final int ENOMEM = 12;
  public static final int EACCES = 13;
  public static final int EBUSY = 16;
  public static final int EEXIST = 17;
  public static final int EXDEV = 18;
  public static final int ENODEV = 19;
  public static final int ENOTDIR = 20;
  public static final int EISDIR = 21;
  public static final int EINVAL = 22;
  public static final int ENFILE = 23;
  public static final int EMFILE = 24;
  public static final int ENOTTY = 25;
  public static final int ETXTBSY = 26;
  public static final int EFBIG = 27;
  public static final int ENOSPC = 28;
  public static final int EROFS = 30;
  public static final int EMLINK = 31;
  public static final int ERANGE = 34;
  public static final int ENAMETOOLONG = 36;
  public static final int ENOSYS = 38;
  public static final int ENOTEMPTY = 39;
  public static final int ELOOP = 40;
  public static final int ENODATA = 61;
  public static final int EOVERFLOW = 75;
  public static final int EILSEQ = 84;
  public static final int EOPNOTSUPP = 95;
  public static final int ENOTCONN = 107;
  public static final int ECONNABORTED = 103;
  public static final int ESTALE = 116;
  public static final int EDQUOT = 122;

  private static final String[] NAMES = new String[134];

  static {
    for (var field : Errno.class.getDeclaredFields()) {
      if (field.getType() == int.class) {
        try {
          NAMES[field.getInt(null)] = field.getName();
        } catch (IllegalAccessException e) {
          throw new AssertionError(e);
        }
      }
    }
  }

  private Errno() {}

  /**
   * Whether an error means a shortage of the process or the machine (descriptors, memory), and
   * tells nothing about the object.
   *
   * @param errno positive error number
   */
  public static boolean isShortage(int errno) {
    return errno == EMFILE || errno == ENFILE || errno == ENOMEM;
  }

  /**
   * Symbolic name such as {@code ENOENT}, or {@code errno 77} for an unknown number.
   *
   * @param errno positive error number
   */
  public static String name(int errno) {
    String name = errno > 0 && errno < NAMES.length ? NAMES[errno] : null;
    return name != null ? name : "errno " + errno;
  }

  /**
   * The message of the C library with the name: {@code No space left on device (ENOSPC)}.
   *
   * @param errno positive error number
   */
  public static String describe(int errno) {
    return Syscalls.strerror(errno) + " (" + name(errno) + ")";
  }
}
