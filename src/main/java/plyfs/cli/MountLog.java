package plyfs.cli;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Linux;
import plyfs.sys.Loggers;
import plyfs.sys.Name;
import plyfs.sys.StandardStreams;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;
import plyfs.sys.SystemLog;

/**
 * The log of a background mount: its own file, which becomes standard error of the daemon; without
 * a file syslog; without syslog standard error of the caller, unless that is a pipe or a socket,
 * whose reader would wait until the daemon ends.
 */
public final class MountLog {
  private static final Logger LOG = Loggers.named("plyfs");

  private static final byte[] NOTHING = "/dev/null".getBytes(US_ASCII);
  private static final byte[] SYSLOG = "syslog".getBytes(US_ASCII);
  private static final byte[] OLD = ".old".getBytes(US_ASCII);
  private static final int FILE =
      Linux.O_WRONLY | Linux.O_APPEND | Linux.O_CREAT | Linux.O_NOFOLLOW;
  private static final int FOR_THE_OWNER = 0600;
  private static final int MOST_BYTES = 1 << 20;

  /** Another mount may remove the file as an old one while this process opens it. */
  private static final int TRIES = 3;

  private final byte[] file;
  private final byte[] shown;
  private final @Nullable String notice;

  private MountLog(byte[] file, byte[] shown, @Nullable String notice) {
    this.file = file;
    this.shown = shown;
    this.notice = notice;
  }

  /**
   * Redirects the log of this process to the best destination available.
   *
   * @param mountpoint absolute, without symbolic links
   * @param callersError standard error of the caller
   */
  static MountLog open(byte[] mountpoint, Fd callersError) throws ErrnoException {
    byte[] name = LogName.of(mountpoint);
    String why = "neither /var/log/plyfs nor a home directory can hold one";
    for (byte[] directory : LogDirectories.ofThisUser()) {
      byte[] file = joined(directory, "/".getBytes(US_ASCII), name);
      int result = write(directory, file);
      if (result == 0) {
        return new MountLog(file, file, null);
      }
      why = Name.printable(directory) + ": " + Errno.describe(-result);
    }
    return elsewhere("cannot open a log file (" + why + ")", callersError);
  }

  /** The log file of a mount point if it exists; else empty. */
  public static byte[] existingFor(byte[] mountpoint) {
    byte[] name = LogName.of(mountpoint);
    for (byte[] directory : LogDirectories.ofThisUser()) {
      byte[] file = joined(directory, "/".getBytes(US_ASCII), name);
      if (Syscalls.statx(Fd.CWD, file, new Stat()) == 0) {
        return file;
      }
    }
    return new byte[0];
  }

  /**
   * Removes the log files of a mount point that is never used again.
   *
   * @throws ErrnoException one is there and cannot be removed
   */
  public static void remove(byte[] mountpoint) throws ErrnoException {
    byte[] name = LogName.of(mountpoint);
    for (byte[] directory : LogDirectories.ofThisUser()) {
      byte[] file = joined(directory, "/".getBytes(US_ASCII), name);
      removeIfThere(file);
      removeIfThere(joined(file, OLD));
    }
  }

  private static void removeIfThere(byte[] file) throws ErrnoException {
    int result = Syscalls.unlinkat(Fd.CWD, file, 0);
    if (result != -Errno.ENOENT) {
      ErrnoException.check(result);
    }
  }

  private static MountLog elsewhere(String why, Fd callersError) throws ErrnoException {
    byte[] none = {};
    try (Fd nothing = Fd.open(NOTHING, Linux.O_RDWR)) {
      if (SystemLog.isThere()) {
        StandardStreams.writeTo(nothing);
        LogLines.writeTo(SystemLog.open("plyfs"));
        return new MountLog(none, SYSLOG, why + ": the log goes to syslog");
      }
      if (mayStayOpen(callersError)) {
        StandardStreams.writeTo(callersError);
        return new MountLog(none, none, why + ": the log goes to standard error");
      }
      StandardStreams.writeTo(nothing);
      return new MountLog(
          none,
          none,
          why
              + "; syslog is not available either, so nothing is logged: create a directory for"
              + " the log");
    }
  }

  private static boolean mayStayOpen(Fd callersError) {
    Stat stat = new Stat();
    int result = Syscalls.statx(callersError, Syscalls.SELF, stat);
    return result == 0 && stat.type() != Linux.S_IFIFO && stat.type() != Linux.S_IFSOCK;
  }

  /**
   * Opens the file and redirects standard output and error to it; returns 0 or a negated error
   * number.
   */
  private static int write(byte[] directory, byte[] file) {
    try (Fd log = opened(directory, file)) {
      StandardStreams.writeTo(log);
      return 0;
    } catch (ErrnoException e) {
      return -e.errno();
    }
  }

  /** Opens the file, with a lock that marks it as in use: see {@link OldLogs}. */
  private static Fd opened(byte[] directory, byte[] file) throws ErrnoException {
    Stat stat = new Stat();
    if (Syscalls.statx(Fd.CWD, file, stat) == 0 && stat.size() > MOST_BYTES) {
      Syscalls.renameat2(Fd.CWD, file, Fd.CWD, joined(file, OLD), 0); // limits the size of the log
    }
    for (int tries = 1; ; tries++) {
      Fd log = created(directory, file);
      FileSyscalls.flock(log, Linux.LOCK_SH | Linux.LOCK_NB);
      boolean isStillThere = Syscalls.statx(log, Syscalls.SELF, stat) != 0 || stat.nlink() > 0;
      if (isStillThere || tries == TRIES) {
        return log;
      }
      log.close();
    }
  }

  private static Fd created(byte[] directory, byte[] file) throws ErrnoException {
    try {
      return Fd.openat(Fd.CWD, file, FILE, FOR_THE_OWNER);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.ENOENT) {
        throw e;
      }
      ErrnoException.check(LogDirectories.make(directory));
      return Fd.openat(Fd.CWD, file, FILE, FOR_THE_OWNER);
    }
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : List.of(parts)) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  /** Opens the file again, after another program has renamed it. */
  void reopen() {
    if (file.length == 0) {
      return;
    }
    int result = write(directory(), file);
    if (result < 0) {
      LOG.log(
          Level.WARNING,
          "cannot open {0}, so the log continues in the file that is already open: {1}",
          Name.printable(file),
          Errno.describe(-result));
    }
  }

  /** The directory of the file; empty if there is none. */
  byte[] directory() {
    int slash = file.length - 1;
    while (slash >= 0 && file[slash] != '/') {
      slash--;
    }
    return Arrays.copyOf(file, Math.max(slash, 0));
  }

  /** Path of the file; empty if there is none. */
  byte[] file() {
    return file;
  }

  /** The destination for a person: the path, or {@code syslog}; empty for standard error. */
  byte[] shown() {
    return shown;
  }

  /** Why there is no file, for a person; null if there is one. */
  @Nullable String notice() {
    return notice;
  }
}
