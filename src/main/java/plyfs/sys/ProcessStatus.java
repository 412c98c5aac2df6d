package plyfs.sys;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.List;

/**
 * The proc(5) files of another process. They are found even if the mount namespace of this process
 * has lost /proc.
 */
public final class ProcessStatus {
  /**
   * The file {@code status} has about 60 lines; the longest, {@code Groups:}, has up to 65,536 ids.
   */
  private static final int MOST_BYTES = 1 << 20;

  private ProcessStatus() {}

  /**
   * The lines of {@code /proc/PID/status}; none if the process has ended or cannot be inspected.
   *
   * @param pid of a process or thread, positive
   */
  public static List<String> lines(int pid) {
    int opened = Syscalls.openat(Syscalls.PROC, name(pid, "/status"), Linux.O_RDONLY, 0);
    if (opened < 0) {
      return List.of();
    }
    StringBuilder text = new StringBuilder();
    Scratch scratch = Scratch.get();
    long length;
    do {
      length = Syscalls.LIBC.read(opened, scratch.valueAddress, Scratch.PATH_BYTES);
      byte[] part = new byte[(int) Math.max(length, 0)];
      scratch.value.get(0, part);
      text.append(new String(part, ISO_8859_1));
    } while (length > 0 && text.length() < MOST_BYTES);
    Syscalls.close(opened);
    return text.toString().lines().toList();
  }

  /** Path of a file of a process or thread below {@link Syscalls#PROC}. */
  static byte[] name(int pid, String file) {
    return (pid + file).getBytes(US_ASCII);
  }
}
