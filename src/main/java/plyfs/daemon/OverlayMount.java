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
 * One mount, from its options to its end: the only place where layers, union and {@link Transport}
 * are put together.
 *
 * <p>The process must not touch its own mount: no working directory, log or temporary file there.
 */
public final class OverlayMount {
  private static final Logger LOG = Loggers.named("plyfs.daemon");

  /** Part of the process's descriptors that directories of layers may take. */
  private static final int DESCRIPTOR_SHARE = 4;

  private static final int MOST_DESCRIPTORS = 16384;

  /** Room for files beside the directories, before the table of descriptors has to grow. */
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
   * Mounts. When this returns the mount can be used.
   *
   * @param mountpoint a directory, as a person named it
   * @param ownedTransport closed on failure
   * @throws MountRefusedException the layers or the mount point cannot be used
   * @throws IOException the machine cannot: no /dev/fuse, no descriptors, an INIT that failed
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
          "option 'metacopy=on' needs redirects, which cannot be made where deletions are stored as"
              + " files: the upper file system takes no device 0:0 (EOPNOTSUPP)");
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

  /** What can be done only when the mount is there; without it the mount goes. */
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
            "option 'xino=on': the layers are on several file systems, and the inode number of a"
                + " layer has more than 56 bits or there are more than 255 file systems: take"
                + " xino=auto (EOVERFLOW)");
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
   * Whether deletions are stored as files {@code .wh.NAME}, which the kernel's overlayfs shows as
   * files.
   */
  public boolean hasFileWhiteouts() {
    return stack.whiteouts() == WhiteoutForm.FILE;
  }

  /** As {@link #hasFileWhiteouts}, for opaque directories: files {@code .wh..wh..opq}. */
  public boolean hasFileMarks() {
    return !stack.hasAttributeMarks();
  }

  /** What the mount changes: its upper directory and its workdir. */
  public List<ChangedDirectory> changed() {
    return stack.changed();
  }

  /** The clone that the upper layer is reached through; null if there is none. */
  public @Nullable UpperMount upperMount() {
    return stack.upperMount();
  }

  /** How many nodes something refers to, the root included. */
  public int nodeCount() {
    return union.nodeCount();
  }

  /** Gives back the memory that nodes took which are gone. */
  public void trim() {
    union.trim();
  }

  /** Has somebody who watches told what happens, from now on. */
  public void recordTo(EventLog log) {
    union.recordTo(log);
  }

  /** What this mount has done and what it takes, in lines for people. */
  public List<String> statistics() {
    return MountStatistics.lines(union, served.requestCounts());
  }

  /** Waits until the mount is gone, whoever unmounted it; the layers are closed then. */
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
   * @param lazily out of the tree at once, though the end comes only with the last user
   * @return 0, or a negated error number: -EBUSY while it is in use, and nothing has changed
   */
  public int unmount(boolean lazily) {
    return served.unmount(lazily);
  }
}
