package plyfs.daemon;

import org.jspecify.annotations.Nullable;

/** The options that say how requests are served, one after the other. */
final class SessionWords {
  private static final int MOST_THREADS = 256;
  private static final int MOST_DEFAULT_THREADS = 16;

  /** Of an option that was not given. */
  private static final int DEFAULT = -1;

  private static final int LEAST_MAX_WRITE = 4096;
  private static final int MOST_MAX_WRITE = 1 << 20;
  private static final int MOST_BUSY_POLL_MICROS = 10_000;
  private static final int DEFAULT_BUSY_POLL_MICROS = 50;

  private TransportKind transport = TransportKind.NATIVE;
  private int threads;
  private int busyPoll = DEFAULT;
  private boolean oneThread;
  private int maxWrite = MOST_MAX_WRITE;
  private boolean debug;
  private OpenPolicy open = OpenPolicy.NONE;
  private @Nullable MountOption lent;
  private boolean lendsLowers;
  private boolean writeback;
  private boolean rings;

  /** Takes an option in; false if it is not one of these. */
  boolean take(MountOption option) throws MountOptionException {
    switch (option.key()) {
      case "transport" ->
          transport =
              OtherWords.require(option, "native", "jnr-fuse") == 0
                  ? TransportKind.NATIVE
                  : TransportKind.JNR_FUSE;
      case "threads" -> threads = OtherWords.number(option, 1, MOST_THREADS);
      case "busy_poll" -> busyPoll = OtherWords.number(option, 0, MOST_BUSY_POLL_MICROS);
      case "threaded" -> oneThread = OtherWords.require(option, "0", "1") == 0;
      case "max_write" -> maxWrite = OtherWords.number(option, LEAST_MAX_WRITE, MOST_MAX_WRITE);
      case "open" ->
          open =
              switch (OtherWords.require(option, "none", "cache", "passthrough")) {
                case 0 -> OpenPolicy.NONE;
                case 1 -> OpenPolicy.CACHE;
                default -> OpenPolicy.PASSTHROUGH;
              };
      case "passthrough" -> {
        lendsLowers = OtherWords.require(option, "upper", "all") == 1;
        lent = option;
      }
      case "io_uring" -> rings = OtherWords.require(option, "0", "1") == 1;
      case "writeback" -> writeback = OtherWords.require(option, "0", "1") == 1;
      case "debug" -> {
        OtherWords.requireNoValue(option);
        debug = true;
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  boolean isPassthrough() {
    return open.isPassthrough();
  }

  TransportKind transport() {
    return transport;
  }

  /** All of them, once the last one has been taken in. */
  SessionOptions checked(Privilege privilege) throws MountOptionException {
    checkOpenPolicy(privilege);
    checkTransport();
    OpenPolicy policy = lendsLowers ? OpenPolicy.PASSTHROUGH_ALL : open;
    return new SessionOptions(
        transport, policy, writeback, rings, workers(), busyPollMicros(), maxWrite, debug);
  }

  private void checkOpenPolicy(Privilege privilege) throws MountOptionException {
    if (open != OpenPolicy.PASSTHROUGH) {
      if (lent != null) {
        throw new MountOptionException("option '" + lent + "' needs 'open=passthrough'");
      }
      return;
    }
    if (privilege != Privilege.ROOT) {
      throw new MountOptionException(
          "option 'open=passthrough' cannot be had with a mount without privilege: take open=cache");
    }
    if (transport == TransportKind.JNR_FUSE) {
      throw new MountOptionException(
          "option 'open=passthrough' cannot be had with transport=jnr-fuse: libfuse 2.9 cannot lend"
              + " files");
    }
    if (writeback) {
      throw new MountOptionException(
          "options 'open=passthrough' and 'writeback=1' contradict each other");
    }
  }

  /** What only the native transport can ask the kernel for. */
  private void checkTransport() throws MountOptionException {
    if (transport == TransportKind.JNR_FUSE && busyPoll > 0) {
      throw new MountOptionException(
          "option 'busy_poll' cannot be had with transport=jnr-fuse: libfuse reads the requests");
    }
    if (transport == TransportKind.JNR_FUSE && (writeback || rings)) {
      throw new MountOptionException(
          "option '"
              + (writeback ? "writeback=1" : "io_uring=1")
              + "' cannot be had with transport=jnr-fuse: protocol 7.19 has none");
    }
  }

  private int workers() throws MountOptionException {
    if (oneThread && threads > 1) {
      throw new MountOptionException(
          "options 'threaded=0' and 'threads=" + threads + "' contradict each other");
    }
    if (oneThread) {
      return 1;
    }
    int processors = Runtime.getRuntime().availableProcessors();
    return threads != 0 ? threads : Math.max(2, Math.min(processors, MOST_DEFAULT_THREADS));
  }

  /** With one processor nobody could send the request that is looked for. */
  private int busyPollMicros() {
    boolean canPay = Runtime.getRuntime().availableProcessors() > 1;
    return busyPoll != DEFAULT ? busyPoll : canPay ? DEFAULT_BUSY_POLL_MICROS : 0;
  }
}
