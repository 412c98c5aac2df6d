package plyfs.sys;

/** Descriptors that this process inherited. */
public final class StandardStreams {
  private static final int OUTPUT = 1;
  private static final int ERROR = 2;

  private StandardStreams() {}

  /**
   * Redirects standard output and standard error to a file.
   *
   * @throws ErrnoException both are unchanged, or at least standard error is
   */
  public static void writeTo(Fd file) throws ErrnoException {
    ErrnoException.check(Syscalls.result(Syscalls.LIBC.dup2(file.number(), OUTPUT)));
    ErrnoException.check(Syscalls.result(Syscalls.LIBC.dup2(file.number(), ERROR)));
  }

  /**
   * Closes descriptors that the caller left open by accident.
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
