package plyfs.trace;

/**
 * How long the steps of one copy-up take. Made only while somebody watches; one thread at a time.
 */
public final class CopyUpTimes {
  /** The steps, in their order. */
  public enum Step {
    /** The object is made in the workdir. */
    PREPARE(0),
    /** Data. */
    DATA(1),
    /** Owner, extended attributes, mode, times. */
    ATTRIBUTES(2),
    /** To disk. */
    SYNC(3),
    /** The system call that gives the name. */
    COMMIT(4);

    private final int place;

    Step(int place) {
      this.place = place;
    }

    int place() {
      return place;
    }

    /** As people and programs read it. */
    public String word() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /** How data was copied. */
  public enum Method {
    /** There was none to copy. */
    NONE(0),
    /** By sharing the extents of the lower file. */
    REFLINK(1),
    /** Inside the kernel. */
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

    /** As people and programs read it. */
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

  /** A copy-up that begins now. */
  public CopyUpTimes() {}

  /** A step has ended; what came before it counts to it. */
  public void end(Step step) {
    long now = System.nanoTime();
    nanos[step.place()] += now - last;
    last = now;
  }

  /** Data was copied. */
  public void copied(Method how, long count) {
    method = how;
    bytes += count;
  }

  /** Nanoseconds from the beginning to the end of the last step. */
  public long total() {
    return last - began;
  }

  /** Bytes of data. */
  public long bytes() {
    return bytes;
  }

  /** How data was copied last. */
  public Method method() {
    return method;
  }
}
