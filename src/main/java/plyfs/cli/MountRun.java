package plyfs.cli;

import com.google.common.collect.ImmutableList;
import java.io.File;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import plyfs.daemon.MemoryReturn;
import plyfs.daemon.MountState;
import plyfs.daemon.MountTable;
import plyfs.daemon.NativeTransport;
import plyfs.daemon.OverlayMount;
import plyfs.daemon.RuntimeDir;
import plyfs.daemon.StandingMount;
import plyfs.daemon.Transport;
import plyfs.image.store.LayerHolds;
import plyfs.jnrfuse.JnrFuseTransport;
import plyfs.layer.MountPlan;
import plyfs.layer.MountRefusedException;
import plyfs.layer.UpperMount;
import plyfs.options.MountOptionException;
import plyfs.options.MountOptions;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Loggers;
import plyfs.sys.MountSyscalls;
import plyfs.sys.Name;

/**
 * The life of one mount in this process: mounts, reports that the mount is ready, and serves it
 * until it is unmounted or a signal ends the process.
 */
final class MountRun {
  private static final Logger LOG = Loggers.named("plyfs");
  private static final byte[] ROOT = {'/'};

  private final MountReport report;
  private final RuntimeDir runtime = RuntimeDir.standard();
  private final CountDownLatch started = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile @Nullable OverlayMount mounted;
  private volatile @Nullable MountedContainer container;

  /** Held until the process ends. */
  @SuppressWarnings("unused")
  private @Nullable LayerHolds held;

  MountRun(MountReport report) {
    this.report = report;
  }

  /**
   * Mounts, and returns when the mount has ended.
   *
   * @return exit code
   */
  int run(MountRequest request) {
    OverlayMount mount;
    MountState state;
    MountedContainer of = request.container();
    Runtime.getRuntime().addShutdownHook(new Thread(this::endInOrder, "end"));
    MountSignals signals = MountSignals.handled(report);
    try {
      state = describe(request);
      holdLayers(state);
      container = of;
      if (of != null) {
        of.hold();
      }
      String covered = StandingMount.makeWay(state, runtime);
      if (covered != null) {
        report.notice(covered);
      }
      mount = OverlayMount.start(request.options(), request.mountpoint(), transport(request));
      mounted = mount;
      signals.setMount(mount);
      if (of != null) {
        state = state.withBelow(mountBelow(mount, of));
      }
      UpperMount upper = mount.upperMount();
      state = upper == null ? state : state.withUpperMount(upper);
      state = state.withChanged(mount.changed());
      if (mount.hasFileWhiteouts()) {
        state = state.withOptions(request.options().standing(true));
      }
    } catch (CommandFailure e) {
      return report.error(e.exitCode(), String.valueOf(e.getMessage()));
    } catch (MountOptionException e) {
      return report.error(MountArguments.USAGE, String.valueOf(e.getMessage()));
    } catch (MountRefusedException e) {
      return report.error(MountArguments.REFUSED, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      return report.error(MountArguments.SYSTEM, String.valueOf(e.getMessage()));
    } catch (OutOfMemoryError | LinkageError e) {
      return report.error(MountArguments.SYSTEM, "cannot start: " + e);
    } finally {
      started.countDown();
    }
    try {
      serve(mount, state, request);
      if (of != null) {
        of.ended();
      }
      return 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return MountArguments.SYSTEM;
    } finally {
      ended.countDown();
    }
  }

  /** Mounts what belongs below the layers; without it there is no mount. */
  private List<byte[]> mountBelow(OverlayMount mount, MountedContainer container)
      throws CommandFailure {
    try {
      return container.mountBelow(mount.path());
    } catch (IOException e) {
      mounted = null;
      mount.unmount(true);
      try {
        mount.awaitEnd();
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
      }
      throw new CommandFailure(MountArguments.REFUSED, FailureText.of(e));
    }
  }

  /** Keeps the store from removing the layers of an image until this process ends. */
  private void holdLayers(MountState state) throws CommandFailure {
    boolean hasLayers = false;
    for (byte[] lower : state.lowers()) {
      hasLayers |= GivenPath.endsWith(lower, "/diff");
    }
    if (!hasLayers) {
      return; // so none of the store's classes is loaded
    }
    try {
      held = LayerHolds.of(state.lowers());
    } catch (IOException e) {
      throw new CommandFailure(MountArguments.REFUSED, String.valueOf(e.getMessage()));
    }
  }

  /** Selects the transport. The classes of jnr-fuse are loaded only if it is selected. */
  private static Transport transport(MountRequest request) {
    return switch (request.options().session().transport()) {
      case NATIVE -> new NativeTransport();
      case JNR_FUSE -> new JnrFuseTransport();
    };
  }

  private void serve(OverlayMount mount, MountState state, MountRequest request)
      throws InterruptedException {
    try {
      runtime.write(state.withDevice(MountTable.deviceAt(mount.path())));
    } catch (IOException | ErrnoException e) {
      report.notice(
          "cannot register the mount, so 'plyfs ps' will not list it: " + FailureText.of(e));
    }
    if (mount.hasFileWhiteouts()) {
      report.notice(
          "whiteouts are stored as files '.wh.NAME': only Plyfs can use this upper" + " directory");
    }
    if (mount.hasFileMarks()) {
      report.notice(
          "the upper file system does not support extended attributes: a file"
              + " '.wh..wh..opq' marks an opaque directory, and only Plyfs can use this upper"
              + " directory");
    }
    MountedContainer of = request.container();
    if (of != null) {
      of.started();
    }
    request.results().forEach(report::out);
    MountSyscalls.chdir(ROOT);
    report.ready();
    LOG.log(
        Level.INFO, "mounted {0} at {1}", printable(state.source()), printable(state.mountpoint()));
    letWatch(mount, state);
    removeOldLogs();
    MemoryReturn.watch(mount::nodeCount, mount::trim);
    mount.awaitEnd();
    try {
      runtime.remove(state);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "cannot remove the runtime file: {0}", FailureText.of(e));
    }
    LOG.log(Level.INFO, "unmounted {0}", printable(state.mountpoint()));
  }

  /**
   * Creates the event log. The caller does not wait for this: the mount is ready before it can be
   * traced.
   */
  private void letWatch(OverlayMount mount, MountState state) {
    try {
      mount.recordTo(runtime.createEvents(state));
    } catch (IOException e) {
      LOG.log(
          Level.WARNING,
          "cannot create the event log, so 'plyfs trace' will not find the mount: {0}",
          FailureText.of(e));
    }
  }

  /** Removes old logs. The caller does not wait for this either. */
  private void removeOldLogs() {
    MountLog log = report.log();
    if (log == null || log.file().length == 0) {
      return;
    }
    try {
      File directory = new File(new String(log.directory(), StandardCharsets.UTF_8));
      int removed = OldLogs.remove(directory, Instant.now());
      if (removed > 0) {
        LOG.log(Level.INFO, "removed {0} old log files of other mounts", removed);
      }
    } catch (ErrnoException e) {
      LOG.log(Level.WARNING, "cannot remove old log files: {0}", e.getMessage());
    }
  }

  private static String printable(byte[] bytes) {
    return Name.printable(bytes);
  }

  /** Runs when the process ends, also by a signal: SIGTERM and SIGINT unmount, with exit code 0. */
  private void endInOrder() {
    try {
      started.await();
      OverlayMount at = mounted;
      if (at == null || ended.getCount() == 0) {
        return;
      }
      MountedContainer of = container;
      if (of != null) {
        of.unmountBelow();
      }
      int result = at.unmount(false);
      if (result == -Errno.EBUSY) {
        result = at.unmount(true); // the mount ends with its last user
      }
      if (result < 0 && result != -Errno.EINVAL) {
        LOG.log(
            Level.ERROR, "cannot unmount {0}: {1}", printable(at.path()), Errno.describe(-result));
        return;
      }
      ended.await();
      Runtime.getRuntime().halt(0);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private MountState describe(MountRequest request)
      throws CommandFailure, MountOptionException, IOException {
    MountOptions options = request.options();
    MountPlan plan = options.plan();
    ImmutableList.Builder<byte[]> lowers = ImmutableList.builder();
    for (byte[] lower : plan.lowers()) {
      lowers.add(layer("lower directory", lower));
    }
    ImmutableList.Builder<byte[]> dataOnly = ImmutableList.builder();
    for (byte[] directory : plan.dataOnly()) {
      dataOnly.add(layer("data-only directory", directory));
    }
    int self = MountSyscalls.processId();
    return new MountState(
        self,
        RuntimeDir.startOf(self),
        request.mountpoint(),
        options.vfs().source(),
        lowers.build(),
        dataOnly.build(),
        plan.upper() == null ? null : layer("upper directory", plan.upper()),
        plan.work() == null ? null : layer("workdir", plan.work()),
        options.standing(false),
        ImmutableList.of(),
        request.words(),
        Instant.now(),
        shownLog());
  }

  private static byte[] layer(String what, byte[] path) throws CommandFailure {
    return GivenPath.absoluteDirectory(what, path, MountArguments.REFUSED);
  }

  private byte[] shownLog() {
    MountLog log = report.log();
    return log == null ? new byte[0] : log.shown();
  }
}
