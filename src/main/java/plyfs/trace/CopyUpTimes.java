package plyfs.trace;

/**
 * The times of the steps of one copy-up. Created only while a reader watches; used by one thread at
 * a time.
 */
public final class CopyUpTimes {
  /** The steps, in their order. */
  public enum Step {
    /** Create the object in the workdir. */
    PREPARE(0),
    /** Copy the data. */
    DATA(1),
    /** Set owner, extended attributes, mode and times. */
    ATTRIBUTES(2),
    /** Sync to disk. */
    SYNC(3),
    /** Make it visible under its name, with one system call. */
    COMMIT(4);

    private final int place;

    Step(int place) {
      this.place = place;
    }

    int place() {
      return place;
    }

    /** The name in the output. */
    public String word() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /** How the data was copied. */
  public enum Method {
    /** There was no data. */
    NONE(0),
    /** With shared extents of the lower file. */
    REFLINK(1),
    /** In the kernel. */
    COPY_FILE_RANGE(2),
    /** Through memory of the daemon. */
    READ_WRITE(3);

    private final int code;

    Method(int code) {
      this.code = code;
    }

    int code() {
      return code;
    }

    static Method of(int code) {
      for (Method method : values()) {
        if (method.code == code) {
          return method;
        }
      }
      return NONE;
    }

    /** The name in the output. */
    public String word() {
      return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }
  }

  static final int STEPS = 5;

  final long[] nanos = new long[STEPS];
  private final long began = System.nanoTime();
  private long last = began;
  private long bytes;
  private Method method = Method.NONE;
  private int error;

  /** A copy-up that begins now. */
  public CopyUpTimes() {}

  /** Ends a step: the time since the end of the previous step belongs to it. */
  public void end(Step step) {
    long now = System.nanoTime();
    nanos[step.place()] += now - last;
    last = now;
  }

  /** Records that data was copied. */
  public void copied(Method how, long count) {
    method = how;
    bytes += count;
  }

  /** Records the error number with which the copy-up fails. */
  public void failed(int errno) {
    error = errno;
  }

  /** Nanoseconds from the beginning to the end of the last step. */
  public long total() {
    return last - began;
  }

  /** Bytes of data. */
  public long bytes() {
    return bytes;
  }

  /** How data was last copied. */
  public Method method() {
    return method;
  }

  /** The error number with which it failed; 0 if it did not. */
  public int error() {
    return error;
  }
}
