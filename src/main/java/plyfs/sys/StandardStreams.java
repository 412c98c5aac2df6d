package plyfs.sys;

/** Descriptors that this process was started with. */
public final class StandardStreams {
  private static final int OUTPUT = 1;
  private static final int ERROR = 2;

  private StandardStreams() {}

  /**
   * Makes a file standard output and standard error, for all that is written from now on.
   *
   * @throws ErrnoException both are as they were, or at least standard error is
   */
  public static void writeTo(Fd file) throws ErrnoException {
    ErrnoException.check(Syscalls.result(Syscalls.LIBC.dup2(file.number(), OUTPUT)));
    ErrnoException.check(Syscalls.result(Syscalls.LIBC.dup2(file.number(), ERROR)));
  }

  /**
   * Closes descriptors that the caller of this program had open and did not mean for it.
   *
   * @param numbers decimal, separated by commas; empty for none
   */
  public static void closeInherited(String numbers) {
    for (int from = 0; from < numbers.length(); ) {
      int comma = numbers.indexOf(',', from);
      int to = comma < 0 ? numbers.length() : comma;
      Syscalls.close(Integer.parseInt(numbers.substring(from, to)));
      from = to + 1;
    }
  }
}
