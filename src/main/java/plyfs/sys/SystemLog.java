package plyfs.sys;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;

/**
 * The system log, syslog(3), for a daemon without a log file.
 *
 * @implNote the C library keeps the address of the name, and sends to the socket /dev/log
 */
public final class SystemLog {
  /** {@code LOG_ERR}, {@code LOG_WARNING}, {@code LOG_INFO} and {@code LOG_DEBUG}. */
  public static final int ERROR = 3;

  public static final int WARNING = 4;
  public static final int INFO = 6;
  public static final int DEBUG = 7;

  private static final byte[] SOCKET = "/dev/log".getBytes(US_ASCII);
  private static final int WITH_PROCESS_NUMBER = 1; // LOG_PID
  private static final int OF_DAEMONS = 3 << 3; // LOG_DAEMON

  private final ByteBuffer name;
  private final ByteBuffer format;

  private SystemLog(ByteBuffer name, ByteBuffer format) {
    this.name = name;
    this.format = format;
  }

  /** Whether a syslog daemon receives messages. */
  public static boolean isThere() {
    Stat stat = new Stat();
    return Syscalls.statxFollowing(Fd.CWD, SOCKET, stat) == 0 && stat.type() == Linux.S_IFSOCK;
  }

  /** Opens the log under the name of this program; once in a process. */
  public static SystemLog open(String program) {
    SystemLog log =
        new SystemLog(terminated(program.getBytes(US_ASCII)), terminated(new byte[] {'%', 's'}));
    Syscalls.LIBC.openlog(Syscalls.addressOf(log.name), WITH_PROCESS_NUMBER, OF_DAEMONS);
    return log;
  }

  /** Writes one message; it is lost if no syslog daemon receives it. */
  public void write(int priority, byte[] message) {
    ByteBuffer text = terminated(message);
    try {
      Syscalls.LIBC.syslog(priority, Syscalls.addressOf(format), Syscalls.addressOf(text));
    } finally {
      Reference.reachabilityFence(text);
    }
  }

  private static ByteBuffer terminated(byte[] text) {
    return ByteBuffer.allocateDirect(text.length + 1).put(0, text);
  }
}
