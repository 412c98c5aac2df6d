package plyfs.daemon;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import org.jspecify.annotations.Nullable;
import plyfs.layer.ChangedDirectory;
import plyfs.layer.LayerStack;
import plyfs.layer.MountPlan;
import plyfs.layer.MountRefusedException;
import plyfs.layer.UpperMount;
import plyfs.layer.WhiteoutForm;
import plyfs.options.EngineOptions;
import plyfs.options.MountOptionException;
import plyfs.options.MountOptions;
import plyfs.options.RedirectDir;
import plyfs.options.VfsOptions;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FuseMount;
import plyfs.sys.Linux;
import plyfs.sys.Loggers;
import plyfs.sys.MountSyscalls;
import plyfs.sys.Name;
import plyfs.sys.UnmountGuard;
import plyfs.trace.EventLog;
import plyfs.union.UnionFs;
import plyfs.union.api.InodeNumbering;
import plyfs.union.api.UnionOptions;

/**
 * One mount, from its options to its end. Only this class connects layers, union and {@link
 * Transport}.
 *
 * <p>The process must not use its own mount: its working directory, log and temporary files are
 * elsewhere.
 */
public final class OverlayMount {
  private static final Logger LOG = Loggers.named("plyfs.daemon");

  /** The share of the process's descriptors for directories of layers is 1 / this. */
  private static final int DESCRIPTOR_SHARE = 4;

  private static final int MOST_DESCRIPTORS = 16384;

  /** Additional room for open files in the first descriptor table. */
  private static final int DESCRIPTORS_OF_FILES = 2048;

  private static final int NOT_ENOUGH_FOR_SYSTEM_CALLS = 64;

  private final Transport.Served served;
  private final UnionFs union;
  private final LayerStack stack;
  private final @Nullable UnmountGuard guard;

  private OverlayMount(
      Transport.Served served, UnionFs union, LayerStack stack, @Nullable UnmountGuard guard) {
    this.guard = guard;
    this.served = served;
    this.union = union;
    this.stack = stack;
  }

  /**
   * Mounts. The mount is ready when this method returns.
   *
   * @param mountpoint a directory, as the caller named it
   * @param ownedTransport closed on failure
   * @throws MountRefusedException the layers or the mount point cannot be used
   * @throws IOException the system lacks something: no /dev/fuse, no descriptors, or INIT failed
   */
  public static OverlayMount start(
      MountOptions options, byte[] mountpoint, Transport ownedTransport)
      throws MountRefusedException, IOException {
    MountPlan plan = planOf(options);
    requireDirectory(mountpoint);
    MountSyscalls.umask(0);
    long limit = MountSyscalls.raiseDescriptorLimit();
    int descriptors = (int) Math.min(limit / DESCRIPTOR_SHARE, MOST_DESCRIPTORS);
    if (descriptors < NOT_ENOUGH_FOR_SYSTEM_CALLS) {
      throw new IOException(
          "the limit of open files is too low: raise it with 'ulimit -n 4096' (EMFILE)");
    }
    DescriptorTable.growFor(descriptors + DESCRIPTORS_OF_FILES, limit);
    byte[] work = plan.work();
    if (work != null) {
      VolatileMark.refuseIfPresent(work);
    }
    @Nullable LayerStack stack = null;
    try {
      ownedTransport.prepare(options);
      stack = LayerStack.open(plan, descriptors, new RunningMounts());
      requireRedirects(options, stack);
      if (work != null && options.engine().isVolatile()) {
        VolatileMark.make(work);
      }
      stack.refuseMountpointInside(plan, mountpoint);
      return serve(options, mountpoint, stack, ownedTransport);
    } catch (Throwable e) {
      ownedTransport.close();
      if (stack != null) {
        stack.close();
      }
      throw e;
    }
  }

  /**
   * Checks what can be checked without writing anything: the layers are there, do not overlap and
   * are not in use, and the mount point is a directory.
   *
   * @throws MountRefusedException as {@link #start} would throw
   */
  public static void check(MountOptions options, byte[] mountpoint) throws MountRefusedException {
    MountPlan plan = planOf(options);
    requireDirectory(mountpoint);
    if (plan.work() != null) {
      VolatileMark.refuseIfPresent(plan.work());
    }
    LayerStack.check(plan, new RunningMounts());
  }

  private static MountPlan planOf(MountOptions options) throws MountRefusedException {
    try {
      return options.plan();
    } catch (MountOptionException e) {
      throw new MountRefusedException(String.valueOf(e.getMessage()));
    }
  }

  private static void requireDirectory(byte[] mountpoint) throws MountRefusedException {
    try (Fd directory = Fd.open(mountpoint, Linux.O_PATH | Linux.O_DIRECTORY)) {
      LOG.log(Level.DEBUG, "mount point {0} is {1}", Name.printable(mountpoint), directory);
    } catch (ErrnoException e) {
      throw refused(mountpoint, e);
    }
  }

  static MountRefusedException refused(byte[] mountpoint, ErrnoException e) {
    return new MountRefusedException(
        "mount point " + Name.printable(mountpoint) + ": " + Errno.describe(e.errno()));
  }

  private static void requireRedirects(MountOptions options, LayerStack stack)
      throws MountRefusedException {
    if (options.engine().metacopy() && stack.whiteouts() == WhiteoutForm.FILE) {
      throw new MountRefusedException(
          "option 'metacopy=on' needs redirects, and Plyfs makes none where it stores"
              + " whiteouts as files: the upper file system does not support device nodes 0:0"
              + " (EOPNOTSUPP)");
    }
  }

  private static OverlayMount serve(
      MountOptions options, byte[] mountpoint, LayerStack stack, Transport transport)
      throws MountRefusedException, IOException {
    UnionFs union = unionOf(stack, options.engine(), transport, mountpoint);
    long flags = options.vfs().flags() | (stack.upper() == null ? Linux.MS_RDONLY : 0);
    Transport.Served served = transport.serve(union, options, flags, mountpoint);
    return new OverlayMount(served, union, stack, finish(served, options.vfs()));
  }

  /** Completes a new mount with what needs an existing mount; unmounts if that fails. */
  private static @Nullable UnmountGuard finish(Transport.Served served, VfsOptions vfs)
      throws MountRefusedException, IOException {
    try {
      for (long each : vfs.propagation()) {
        ErrnoException.check(FuseMount.setPropagation(served.path(), each));
      }
      return vfs.autoUnmount() ? UnmountGuard.start(served.path(), vfs.byFusermount()) : null;
    } catch (ErrnoException e) {
      served.unmount(true);
      try {
        served.awaitEnd();
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while mounting", interrupted);
      }
      throw refused(served.path(), e);
    }
  }

  private static UnionFs unionOf(
      LayerStack stack, EngineOptions engine, Transport transport, byte[] mountpoint)
      throws MountRefusedException {
    UnionOptions options = unionOptions(engine);
    try {
      return new UnionFs(stack, options, transport.listener());
    } catch (ErrnoException e) {
      if (e.errno() == Errno.EOVERFLOW && options.numbering() == InodeNumbering.ON) {
        throw new MountRefusedException(
            "option 'xino=on': the layers are on several file systems, and an inode number"
                + " has more than 56 bits or there are more than 255 file systems: use xino=auto"
                + " (EOVERFLOW)");
      }
      throw refused(mountpoint, e);
    }
  }

  private static UnionOptions unionOptions(EngineOptions engine) {
    UnionOptions durable =
        engine.isVolatile()
            ? UnionOptions.DEFAULT.asVolatile()
            : UnionOptions.DEFAULT.withSync(engine.fsync());
    return durable
        .withRedirects(
            engine.redirectDir() == RedirectDir.ON, engine.redirectDir() != RedirectDir.NOFOLLOW)
        .withAufsMarks(engine.aufs())
        .withPosixAcls(engine.posixAcls())
        .withMetacopy(engine.metacopy())
        .withIds(engine.ids())
        .withNumbering(engine.numbering());
  }

  /** The mount point, absolute and without symbolic links. */
  public byte[] path() {
    return served.path();
  }

  /**
   * Whether whiteouts are stored as files {@code .wh.NAME}, which the kernel's overlayfs shows as
   * ordinary files.
   */
  public boolean hasFileWhiteouts() {
    return stack.whiteouts() == WhiteoutForm.FILE;
  }

  /** Whether opaque directories are marked by files {@code .wh..wh..opq}. */
  public boolean hasFileMarks() {
    return !stack.hasAttributeMarks();
  }

  /** The directories that the mount changes: the upper directory and the workdir. */
  public List<ChangedDirectory> changed() {
    return stack.changed();
  }

  /** The clone that leads to the upper layer; null if there is none. */
  public @Nullable UpperMount upperMount() {
    return stack.upperMount();
  }

  /** How many nodes are referenced, including the root. */
  public int nodeCount() {
    return union.nodeCount();
  }

  /** Frees memory of nodes that no longer exist. */
  public void trim() {
    union.trim();
  }

  /** Records events in this log from now on. */
  public void recordTo(EventLog log) {
    union.recordTo(log);
  }

  /** Statistics of this mount, as lines for a person. */
  public List<String> statistics() {
    return MountStatistics.lines(union, served.requestCounts());
  }

  /** Waits until the mount has ended, no matter who unmounts it; then the layers are closed. */
  public void awaitEnd() throws InterruptedException {
    served.awaitEnd();
    union.close();
    if (guard != null) {
      guard.close();
    }
  }

  /**
   * Unmounts.
   *
   * @param lazily detach at once; the mount ends with its last user
   * @return 0, or a negated error number: with -EBUSY, a program uses the mount and nothing has
   *     changed
   */
  public int unmount(boolean lazily) {
    return served.unmount(lazily);
  }
}
