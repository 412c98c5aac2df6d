package plyfs.cli;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;
import plyfs.daemon.Readiness;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Loggers;
import plyfs.sys.MountSyscalls;
import plyfs.sys.Name;
import plyfs.sys.StandardStreams;

/**
 * Reports the result of mount to its caller: through the launcher, or directly in the foreground.
 * In the background it also logs the result, because the caller may not show it.
 */
final class MountReport {
  /** Number of the descriptor on which the launcher waits. */
  private static final String READY_PROPERTY = "plyfs.ready";

  /**
   * Number of the descriptor of the caller's standard error; without it this process logs to its
   * own standard error.
   */
  private static final String ERROR_PROPERTY = "plyfs.stderr";

  /** Descriptors of the caller that the launcher's shell could not close. */
  private static final String INHERITED_PROPERTY = "plyfs.inherited";

  private static final Logger LOG = Loggers.named("plyfs");

  private final @Nullable Readiness launcher;
  private @Nullable MountLog log;

  private MountReport(@Nullable Readiness launcher) {
    this.launcher = launcher;
  }

  /** Reports to the launcher if there is one; this process is then in the background. */
  static MountReport open() throws CommandFailure {
    Integer descriptor = Integer.getInteger(READY_PROPERTY);
    if (descriptor == null) {
      return new MountReport(null);
    }
    MountSyscalls.newSession();
    StandardStreams.closeInherited(System.getProperty(INHERITED_PROPERTY, ""));
    try {
      return new MountReport(Readiness.inherited(descriptor));
    } catch (ErrnoException e) {
      throw new CommandFailure(
          MountArguments.SYSTEM, "cannot report to the launcher: " + e.getMessage());
    }
  }

  boolean isBackground() {
    return launcher != null;
  }

  /**
   * Opens the log of a background mount.
   *
   * @param mountpoint absolute, without symbolic links
   */
  void keepLog(byte[] mountpoint) throws CommandFailure {
    Integer number = Integer.getInteger(ERROR_PROPERTY);
    if (launcher == null || number == null) {
      return;
    }
    try (Fd error = MountSyscalls.inherited(number)) {
      MountLog opened = MountLog.open(mountpoint, error);
      log = opened;
      if (opened.file().length > 0) {
        launcher.log(Name.printable(opened.file()));
      }
      String why = opened.notice();
      if (why != null) {
        notice(why);
      }
    } catch (ErrnoException e) {
      throw new CommandFailure(
          MountArguments.SYSTEM, "cannot open the log of the mount: " + e.getMessage());
    }
  }

  /** The log of the mount; null in the foreground, which writes to standard error. */
  @Nullable MountLog log() {
    return log;
  }

  /** Prints a line of the result. */
  void out(String text) {
    if (launcher != null) {
      launcher.out(text);
    } else {
      Console.OUT.println(text);
      Console.OUT.flush();
    }
  }

  /** Prints a notice, which does not end the mount. */
  void notice(String sentence) {
    if (launcher != null) {
      launcher.err("plyfs: " + sentence);
      if (log != null) {
        LOG.log(Level.WARNING, sentence);
      }
    } else {
      Console.complain(sentence);
    }
  }

  /** Reports that the mount is ready. */
  void ready() {
    if (launcher != null) {
      launcher.ready();
    }
  }

  /** Reports that there is no mount; returns the exit code. */
  int error(int code, String sentence) {
    if (launcher != null) {
      if (log != null) {
        LOG.log(Level.ERROR, "refused: {0}", sentence);
      }
      launcher.error(code, "plyfs: " + sentence);
    } else {
      Console.complain(sentence);
    }
    return code;
  }
}
