package plyfs.options;

import org.jspecify.annotations.Nullable;

/** The options of the session: checks which can be combined, and computes the result. */
final class SessionRules {
  /** Stands for a number that was not given. */
  static final int NOT_GIVEN = -1;

  private static final int MOST_DEFAULT_THREADS = 16;
  private static final int DEFAULT_BUSY_POLL_MICROS = 50;

  private final OptionValues values;

  SessionRules(OptionValues values) {
    this.values = values;
  }

  SessionOptions check(Privilege privilege) throws MountOptionException {
    checkOpenPolicy(privilege);
    checkTransport();
    OpenPolicy policy =
        values.get(MountOptionTable.PASSTHROUGH)
            ? OpenPolicy.PASSTHROUGH_ALL
            : values.get(MountOptionTable.OPEN);
    return new SessionOptions(
        values.get(MountOptionTable.TRANSPORT),
        policy,
        values.get(MountOptionTable.WRITEBACK),
        values.get(MountOptionTable.IO_URING),
        workers(),
        busyPollMicros(),
        values.get(MountOptionTable.MAX_WRITE),
        values.get(MountOptionTable.DEBUG));
  }

  private boolean isByLibfuse() {
    return values.get(MountOptionTable.TRANSPORT) == TransportKind.JNR_FUSE;
  }

  private void checkOpenPolicy(Privilege privilege) throws MountOptionException {
    @Nullable GivenOption lent = values.given(MountOptionTable.PASSTHROUGH);
    if (!values.get(MountOptionTable.OPEN).isPassthrough()) {
      if (lent != null) {
        throw new MountOptionException("option '" + lent + "' needs 'open=passthrough'");
      }
      return;
    }
    if (privilege != Privilege.ROOT) {
      throw new MountOptionException(
          "option 'open=passthrough' cannot be used with an unprivileged mount: use"
              + " open=cache");
    }
    if (isByLibfuse()) {
      throw new MountOptionException(
          "option 'open=passthrough' cannot be used with transport=jnr-fuse: libfuse 2.9"
              + " does not support passthrough");
    }
    if (values.get(MountOptionTable.WRITEBACK)) {
      throw MountOptionException.contradiction("open=passthrough", "writeback=1");
    }
  }

  /** Checks the options that only the native transport supports. */
  private void checkTransport() throws MountOptionException {
    if (!isByLibfuse()) {
      return;
    }
    if (values.get(MountOptionTable.BUSY_POLL) > 0) {
      throw new MountOptionException(
          "option 'busy_poll' cannot be used with transport=jnr-fuse: libfuse reads the"
              + " requests");
    }
    boolean writeback = values.get(MountOptionTable.WRITEBACK);
    if (writeback || values.get(MountOptionTable.IO_URING)) {
      throw new MountOptionException(
          "option '"
              + (writeback ? "writeback=1" : "io_uring=1")
              + "' cannot be used with transport=jnr-fuse: FUSE protocol 7.19 does not have it");
    }
  }

  private int workers() throws MountOptionException {
    int threads = values.get(MountOptionTable.THREADS);
    if (!values.get(MountOptionTable.THREADED)) {
      if (threads > 1) {
        throw MountOptionException.contradiction("threaded=0", "threads=" + threads);
      }
      return 1;
    }
    int processors = Runtime.getRuntime().availableProcessors();
    return threads != 0 ? threads : Math.max(2, Math.min(processors, MOST_DEFAULT_THREADS));
  }

  /**
   * With one processor polling is useless: while the worker polls, no program can send a request.
   */
  private int busyPollMicros() {
    int asked = values.get(MountOptionTable.BUSY_POLL);
    boolean canPay = Runtime.getRuntime().availableProcessors() > 1;
    return asked != NOT_GIVEN ? asked : canPay ? DEFAULT_BUSY_POLL_MICROS : 0;
  }
}
