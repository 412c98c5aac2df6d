package plyfs.sys;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.IntPredicate;

/**
 * The threads of other programs that are being killed. A thread that waits for our answer cannot
 * end, so its number stays its own meanwhile.
 *
 * @implNote Linux kernel/signal.c, complete_signal and zap_other_threads: whatever ends a process
 *     (SIGKILL, a signal without a handler, exit_group(2) or execve(2) in another of its threads)
 *     adds SIGKILL to the thread's own pending signals. A signal that is caught, ignored or blocked
 *     does not. Nor does one that asks for a core, such as SIGQUIT, for which the kernel's own file
 *     systems do not stop either.
 */
public final class KilledThreads implements IntPredicate {
  private static final byte[] SELF = "self".getBytes(StandardCharsets.US_ASCII);

  /** proc(5): the signals pending for the thread itself, of which the first is signal 1. */
  private static final int PENDING_FIELD = 31;

  /** The first field behind the name of the program, which may hold anything. */
  private static final int FIRST_FIELD = 3;

  private static final long SIGKILL = 1L << (9 - 1);

  /**
   * Whether a thread is being killed.
   *
   * @param thread its number, 0 if it has none here
   * @return false also for one that cannot be looked at: without /proc, with the /proc of other
   *     processes, or where it is hidden
   */
  @Override
  public boolean test(int thread) {
    return thread > 0 && hasProcOfOurs() && isKilled(thread);
  }

  /** A /proc of another namespace has other processes under our numbers. */
  private static boolean hasProcOfOurs() {
    Scratch scratch = Scratch.get();
    int length = Syscalls.readlinkat(Syscalls.PROC, SELF, scratch.valueAddress, Scratch.PATH_BYTES);
    if (length <= 0) {
      return false;
    }
    long number = 0;
    for (int i = 0; i < length; i++) {
      number = number * 10 + scratch.value.get(i) - '0';
    }
    return number == Syscalls.LIBC.getpid();
  }

  private static boolean isKilled(int thread) {
    byte[] path = ProcessStatus.name(thread, "/stat");
    int opened = Syscalls.openat(Syscalls.PROC, path, Linux.O_RDONLY, 0);
    if (opened < 0) {
      return false;
    }
    Scratch scratch = Scratch.get();
    long length = Syscalls.LIBC.read(opened, scratch.valueAddress, Scratch.PATH_BYTES);
    Syscalls.close(opened);
    return hasKillPending(scratch.value, (int) length);
  }

  /**
   * Reads what proc(5) says of a thread.
   *
   * @param stat {@code NUMBER (PROGRAM) STATE ...}, in one line
   * @param length bytes of it, or a negative number if there is nothing
   */
  static boolean hasKillPending(ByteBuffer stat, int length) {
    int at = length - 1;
    while (at >= 0 && stat.get(at) != ')') {
      at--;
    }
    at++;
    for (int field = FIRST_FIELD; field <= PENDING_FIELD && at < length; field++) {
      long number = 0;
      for (at++; at < length && stat.get(at) > ' '; at++) {
        number = number * 10 + stat.get(at) - '0';
      }
      if (field == PENDING_FIELD) {
        return (number & SIGKILL) != 0;
      }
    }
    return false;
  }
}
