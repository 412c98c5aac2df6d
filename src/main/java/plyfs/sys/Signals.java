package plyfs.sys;

import jnr.constants.platform.Signal;
import jnr.posix.SignalHandler;
import jnr.posix.util.SunMiscSignal;

/**
 * The signal dispositions of this process.
 *
 * <p>The JVM handles SIGTERM, SIGINT and SIGHUP by its shutdown hooks, and SIGQUIT by a thread dump
 * on standard output, and uses SIGPIPE and SIGXFSZ itself. All other signals have the disposition
 * of the kernel or the caller.
 *
 * @implNote signal(7); numbers are those of x86 and ARM. The handlers go through the JVM, which
 *     runs each in its own thread. This class uses jnr-posix because javac warns about each use of
 *     sun.misc.Signal, and the warning cannot be suppressed
 */
public final class Signals {
  private static final long DEFAULT = 0; // SIG_DFL
  private static final long IGNORE = 1; // SIG_IGN

  private static final int INT = 2;

  /** USR1, USR2, ALRM, STKFLT, TSTP, TTIN, TTOU, XCPU, VTALRM, PROF, IO, PWR. */
  private static final int[] NOT_FOR_US = {10, 12, 14, 16, 20, 21, 22, 24, 26, 27, 29, 30};

  /** The two signals before it belong to the C library. */
  private static final int FIRST_REAL_TIME = 34;

  private static final int LAST_REAL_TIME = 64;

  private Signals() {}

  /**
   * Ignores every signal that would end or stop the process and that reports no fault of the
   * process. SIGTERM, SIGINT, SIGHUP and SIGQUIT stay as they are; so do SIGSEGV and similar
   * signals.
   *
   * <p>The JVM uses SIGUSR2 to suspend threads for its flight recorder, and a SIGUSR2 from another
   * process would end it. With the signal ignored, the flight recorder cannot sample threads.
   */
  public static void ignoreUnneeded() {
    for (int signal : NOT_FOR_US) {
      Syscalls.LIBC.signal(signal, IGNORE);
    }
    for (int signal = FIRST_REAL_TIME; signal <= LAST_REAL_TIME; signal++) {
      Syscalls.LIBC.signal(signal, IGNORE);
    }
  }

  /**
   * Makes SIGINT end the process cleanly even if the caller ignored it, as a shell without job
   * control does for background processes.
   */
  public static void endByInterrupt() {
    Syscalls.LIBC.signal(INT, DEFAULT);
    SunMiscSignal.signal(Signal.SIGINT, new OrderlyEnd());
  }

  /**
   * Runs an action at SIGUSR1, each time in a new thread.
   *
   * @param action throws nothing
   */
  public static void onUser1(Runnable action) {
    SunMiscSignal.signal(Signal.SIGUSR1, new Action(action));
  }

  /**
   * Runs an action at SIGHUP instead of ending the process, each time in a new thread.
   *
   * @param action throws nothing
   */
  public static void onHangUp(Runnable action) {
    Syscalls.LIBC.signal(1, DEFAULT); // the JVM does not handle it if the caller ignored it
    SunMiscSignal.signal(Signal.SIGHUP, new Action(action));
  }

  /** A signal that another process sends, and its number. */
  public enum Sent {
    HUP(1, Signal.SIGHUP),
    INT(2, Signal.SIGINT),
    USR1(10, Signal.SIGUSR1),
    TERM(15, Signal.SIGTERM);

    private final int number;
    private final Signal signal;

    Sent(int number, Signal signal) {
      this.number = number;
      this.signal = signal;
    }

    /** As kill(2) takes it. */
    public int number() {
      return number;
    }
  }

  /**
   * Runs an action at a signal instead of ending the process, each time in a new thread.
   *
   * @param action throws nothing
   */
  public static void on(Sent sent, Runnable action) {
    SunMiscSignal.signal(sent.signal, new Action(action));
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
      System.exit(128 + signal); // runs the shutdown hooks, like the handler of the JVM
    }
  }
}
