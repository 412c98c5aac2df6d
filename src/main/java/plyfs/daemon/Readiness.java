package plyfs.daemon;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.MountSyscalls;
import plyfs.sys.Syscalls;

/**
 * Reports the result of the start to the launcher, through a descriptor that the daemon inherited.
 * The lines:
 *
 * <pre>
 * log PATH          the log file of the daemon, before the last line
 * out TEXT          a line for standard output of the caller, any number
 * err TEXT          a line for its standard error, any number
 * ready             the last line: the mount is ready
 * error CODE TEXT   or this: there is no mount, and the launcher exits with CODE
 * </pre>
 */
public final class Readiness {
  private final Fd launcher;

  private Readiness(Fd ownedLauncher) {
    launcher = ownedLauncher;
  }

  /**
   * Takes over an inherited descriptor.
   *
   * @param number as the launcher opened it for writing
   */
  public static Readiness inherited(int number) throws ErrnoException {
    return new Readiness(MountSyscalls.inherited(number));
  }

  /**
   * Reports the log file, so that the launcher can quote it if the daemon ends without a result.
   */
  public void log(String path) {
    send("log " + path);
  }

  /** A line for the caller's standard output. */
  public void out(String text) {
    send("out " + text);
  }

  /** A line for the caller's standard error. */
  public void err(String text) {
    send("err " + text);
  }

  /** Reports that the mount is ready; the last line. */
  public void ready() {
    send("ready");
    launcher.close();
  }

  /** Reports that there is no mount; the last line. */
  public void error(int code, String text) {
    send("error " + code + " " + text);
    launcher.close();
  }

  /**
   * Sends a line. If the launcher has ended, the line is not needed, so a failed write does not
   * fail the mount.
   */
  private void send(String line) {
    byte[] bytes = (line.replace('\n', ' ') + "\n").getBytes(UTF_8);
    ByteBuffer memory = ByteBuffer.allocateDirect(bytes.length).put(0, bytes);
    try {
      sendAll(Syscalls.addressOf(memory), bytes.length);
    } finally {
      Reference.reachabilityFence(memory);
    }
  }

  private void sendAll(long address, int length) {
    long sent = 0;
    while (launcher.isOpen() && sent < length) {
      long written = FileSyscalls.write(launcher, address + sent, length - sent);
      if (written <= 0) {
        launcher.close();
      }
      sent += written;
    }
  }
}
