package plyfs.cli;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;
import plyfs.daemon.OverlayMount;
import plyfs.sys.Loggers;
import plyfs.sys.Signals;

/**
 * Signal handlers of a mount. SIGTERM and SIGINT unmount, through the shutdown hook of {@link
 * MountRun}. SIGUSR1 writes statistics to the log, SIGHUP opens the log again, and SIGQUIT prints
 * the stacks of all threads. The daemon ignores all other signals that can be ignored and that do
 * not report a fault of the process.
 */
final class MountSignals {
  private static final Logger LOG = Loggers.named("plyfs");

  private final @Nullable MountLog log;
  private volatile @Nullable OverlayMount mounted;

  private MountSignals(@Nullable MountLog log) {
    this.log = log;
  }

  /**
   * Installs the handlers. In the foreground SIGINT stays ignored if the caller ignores it, as
   * nohup and shells do.
   */
  static MountSignals handled(MountReport report) {
    MountSignals signals = new MountSignals(report.log());
    Signals.ignoreUnneeded();
    if (report.isBackground()) {
      Signals.endByInterrupt();
    }
    Signals.onUser1(new WriteStatistics(signals));
    Signals.onHangUp(new ReopenLog(signals));
    return signals;
  }

  /** Sets the mount whose statistics are written. */
  void setMount(OverlayMount mount) {
    mounted = mount;
  }

  private record WriteStatistics(MountSignals of) implements Runnable {
    @Override
    public void run() {
      OverlayMount mount = of.mounted;
      if (mount == null) {
        LOG.log(Level.INFO, "statistics: the mount is not ready yet");
        return;
      }
      for (String line : mount.statistics()) {
        LOG.log(Level.INFO, "statistics: {0}", line);
      }
    }
  }

  private record ReopenLog(MountSignals of) implements Runnable {
    @Override
    public void run() {
      MountLog log = of.log;
      if (log != null) {
        log.reopen();
      }
    }
  }
}
