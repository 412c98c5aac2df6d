package plyfs.sys;

import jnr.constants.platform.Signal;
import jnr.posix.SignalHandler;
import jnr.posix.util.SunMiscSignal;

/**
 * What signals do to this process.
 *
 * <p>Java handles SIGTERM, SIGINT and SIGHUP by its shutdown hooks, SIGQUIT by a dump of its
 * threads on standard output, and needs SIGPIPE and SIGXFSZ for itself. Everything else has what
 * the kernel or the caller gave it.
 *
 * @implNote signal(7); numbers are those of x86 and ARM. The handlers go through the JVM, which
 *     runs them in a thread of their own; sun.misc.Signal cannot be named here, because javac warns
 *     of it and nothing suppresses that, so jnr-posix names it
 */
public final class Signals {
  private static final long DEFAULT = 0; // SIG_DFL
  private static final long IGNORE = 1; // SIG_IGN

  private static final int INT = 2;

  /** USR1, USR2, ALRM, STKFLT, TSTP, TTIN, TTOU, XCPU, VTALRM, PROF, IO, PWR. */
  private static final int[] NOT_FOR_US = {10, 12, 14, 16, 20, 21, 22, 24, 26, 27, 29, 30};

  /** The two before it belong to the C library. */
  private static final int FIRST_REAL_TIME = 34;

  private static final int LAST_REAL_TIME = 64;

  private Signals() {}

  /**
   * Ignores every signal that would end or stop the process although it tells of no fault in it.
   * SIGTERM, SIGINT, SIGHUP and SIGQUIT stay as they are; so do SIGSEGV and its like.
   *
   * <p>The JVM suspends threads for its flight recorder by SIGUSR2, and ends by one that comes from
   * elsewhere: the flight recorder has no samples of threads then.
   */
  public static void ignoreWhatNobodyNeeds() {
    for (int signal : NOT_FOR_US) {
      Syscalls.LIBC.signal(signal, IGNORE);
    }
    for (int signal = FIRST_REAL_TIME; signal <= LAST_REAL_TIME; signal++) {
      Syscalls.LIBC.signal(signal, IGNORE);
    }
  }

  /**
   * Has SIGINT end the process in order though its caller had it ignored, as a shell without job
   * control does for all that it starts in the background.
   */
  public static void endByInterrupt() {
    Syscalls.LIBC.signal(INT, DEFAULT);
    SunMiscSignal.signal(Signal.SIGINT, new OrderlyEnd());
  }

  /**
   * Has SIGUSR1 run something, each time in a thread of its own.
   *
   * @param action throws nothing
   */
  public static void onUser1(Runnable action) {
    SunMiscSignal.signal(Signal.SIGUSR1, new Action(action));
  }

  /**
   * Has SIGHUP run something instead of ending the process, each time in a thread of its own.
   *
   * @param action throws nothing
   */
  public static void onHangUp(Runnable action) {
    Syscalls.LIBC.signal(1, DEFAULT); // the JVM does not take it from a caller who had it ignored
    SunMiscSignal.signal(Signal.SIGHUP, new Action(action));
  }

  private record Action(Runnable action) implements SignalHandler {
    @Override
    public void handle(int signal) {
      action.run();
    }
  }

  private static final class OrderlyEnd implements SignalHandler {
    @Override
    public void handle(int signal) {
      System.exit(128 + signal); // runs the shutdown hooks, as Java's own handler does
    }
  }
}
