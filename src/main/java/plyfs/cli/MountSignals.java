package plyfs.cli;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;
import plyfs.daemon.OverlayMount;
import plyfs.sys.Loggers;
import plyfs.sys.Signals;

/**
 * What signals do to a mount: SIGTERM and SIGINT unmount it, by the shutdown hook of {@link
 * MountRun}; SIGUSR1 writes statistics to the log, SIGHUP opens the log anew, SIGQUIT has Java
 * write what its threads do; nothing else that is no fault of the process ends it.
 */
final class MountSignals {
  private static final Logger LOG = Loggers.named("plyfs");

  private final @Nullable MountLog log;
  private volatile @Nullable OverlayMount mounted;

  private MountSignals(@Nullable MountLog log) {
    this.log = log;
  }

  /**
   * Has signals do that from now on. In the foreground SIGINT stays ignored where the caller wants
   * it so, as nohup and shells do.
   */
  static MountSignals handled(MountReport report) {
    MountSignals signals = new MountSignals(report.log());
    Signals.ignoreWhatNobodyNeeds();
    if (report.isBackground()) {
      Signals.endByInterrupt();
    }
    Signals.onUser1(new WriteStatistics(signals));
    Signals.onHangUp(new ReopenLog(signals));
    return signals;
  }

  /** Whose statistics are written from now on. */
  void setMount(OverlayMount mount) {
    mounted = mount;
  }

  private record WriteStatistics(MountSignals of) implements Runnable {
    @Override
    public void run() {
      OverlayMount mount = of.mounted;
      if (mount == null) {
        LOG.log(Level.INFO, "statistics: not mounted yet");
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
