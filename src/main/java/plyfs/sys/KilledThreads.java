package plyfs.sys;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.IntPredicate;

/**
 * Detects threads of other programs that are being killed. A thread that waits for a reply of the
 * daemon cannot end, so its number stays valid meanwhile.
 *
 * @implNote Linux kernel/signal.c, complete_signal and zap_other_threads: an event that ends a
 *     process (SIGKILL, a signal without a handler, exit_group(2) or execve(2) in another of its
 *     threads) adds SIGKILL to the pending signals of the thread. A caught, ignored or blocked
 *     signal does not. Nor does a signal that dumps core, such as SIGQUIT, for which the kernel's
 *     own file systems do not stop either
 */
public final class KilledThreads implements IntPredicate {
  private static final byte[] SELF = "self".getBytes(StandardCharsets.US_ASCII);

  /** proc(5): the pending signals of the thread; the lowest bit is signal 1. */
  private static final int PENDING_FIELD = 31;

  /** The first field after the name of the program, which may contain any byte. */
  private static final int FIRST_FIELD = 3;

  private static final long SIGKILL = 1L << (9 - 1);

  /**
   * Whether a thread is being killed.
   *
   * @param thread its number; 0 if it has none in this PID namespace
   * @return false also if the thread cannot be inspected: /proc is missing, hidden, or that of
   *     another namespace
   */
  @Override
  public boolean test(int thread) {
    return thread > 0 && hasProcOfOurs() && isKilled(thread);
  }

  /**
   * False for the /proc of another PID namespace, in which the numbers belong to other processes.
   */
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
   * Parses the line of proc(5) for a thread.
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
