package plyfs.sys;

/**
 * A system call or an operation of the engine failed with an error number. It has no stack trace
 * unless the system property {@code plyfs.errnoTraces} is set. Without stack traces all failures
 * with the same number share one instance: a throw takes 600 ns instead of 5 000.
 */
public final class ErrnoException extends Exception {
  private static final long serialVersionUID = 1L;
  private static final boolean TRACES = Boolean.getBoolean("plyfs.errnoTraces");
  private static final ErrnoException[] CACHE = new ErrnoException[512];

  static {
    for (int errno = 0; errno < CACHE.length; errno++) {
      CACHE[errno] = new ErrnoException(errno);
    }
  }

  private final int errno;

  private ErrnoException(int errno) {
    super(null, null, TRACES, TRACES);
    this.errno = errno;
  }

  /**
   * The exception for an error number.
   *
   * @param errno 1 to 511
   */
  public static ErrnoException of(int errno) {
    return TRACES ? new ErrnoException(errno) : CACHE[errno];
  }

  /**
   * Returns a result, or throws if it is negative.
   *
   * @param result zero or more, or a negated error number
   */
  public static int check(int result) throws ErrnoException {
    if (result < 0) {
      throw of(-result);
    }
    return result;
  }

  /**
   * Returns a result, or throws if it is negative.
   *
   * @param result zero or more, or a negated error number
   */
  public static long check(long result) throws ErrnoException {
    if (result < 0) {
      throw of((int) -result);
    }
    return result;
  }

  /** Positive error number. */
  public int errno() {
    return errno;
  }

  @Override
  public String getMessage() {
    return Errno.describe(errno);
  }
}
