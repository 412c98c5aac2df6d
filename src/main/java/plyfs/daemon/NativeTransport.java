package plyfs.daemon;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;
import plyfs.fuse.BusyPolling;
import plyfs.fuse.InitOptions;
import plyfs.fuse.Session;
import plyfs.fuse.abi.InitFlags;
import plyfs.layer.MountRefusedException;
import plyfs.options.MountOptions;
import plyfs.options.SessionOptions;
import plyfs.options.VfsOptions;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FuseMount;
import plyfs.sys.Fusermount;
import plyfs.sys.IoUring;
import plyfs.sys.Loggers;
import plyfs.sys.Name;
import plyfs.union.UnionFs;
import plyfs.union.api.UnionListener;

/**
 * Reads requests from /dev/fuse directly. Node ids and names stay bytes from the kernel to the
 * engine.
 */
public final class NativeTransport implements Transport {
  private static final Logger LOG = Loggers.named("plyfs.daemon");

  private static final byte[] ALLOW_OTHER = "allow_other".getBytes(US_ASCII);

  /**
   * Allows to stack one overlay on the mount; the files that the daemon lends are on no overlay.
   */
  private static final int STACK_DEPTH = 1;

  private final KernelCaches caches = new KernelCaches();
  private @Nullable Fd device;

  /** A transport for one mount. */
  public NativeTransport() {}

  @Override
  public void prepare(MountOptions options) throws IOException {
    if (!options.vfs().byFusermount()) {
      device = openDevice();
    }
  }

  @Override
  public UnionListener listener() {
    return caches;
  }

  /**
   * Opens /dev/fuse.
   *
   * @throws IOException it cannot be opened
   */
  public static Fd openDevice() throws IOException {
    try {
      return FuseMount.openDevice();
    } catch (ErrnoException e) {
      throw new IOException(
          "cannot open /dev/fuse: "
              + Errno.describe(e.errno())
              + "; load the fuse module or run as a user who may open it",
          e);
    }
  }

  @Override
  public Served serve(UnionFs union, MountOptions options, long flags, byte[] mountpoint)
      throws MountRefusedException, IOException {
    FuseMount mount = mount(options.vfs(), flags, mountpoint);
    UnionHandler handler = new UnionHandler(union, options.engine(), options.session(), caches);
    Session session =
        Session.start(
            mount,
            handler,
            initOptions(options),
            options.session().threads(),
            BusyPolling.forMicros(options.session().busyPollMicros()));
    if (options.session().open().isPassthrough()
        && !session.negotiated().has(InitFlags.PASSTHROUGH)) {
      session.abort();
      throw new MountRefusedException(
          "option 'open=passthrough' needs Linux 6.9 or newer, built with CONFIG_FUSE_PASSTHROUGH: use open=cache");
    }
    if (options.session().rings() && !session.negotiated().has(InitFlags.OVER_IO_URING)) {
      LOG.log(
          Level.WARNING,
          "option 'io_uring=1' has no effect, so requests come through /dev/fuse: it"
              + " needs Linux 6.14 or newer, the parameter enable_uring of the fuse module, and"
              + " permission to use io_uring");
    }
    return new ByWire(mount, session);
  }

  private FuseMount mount(VfsOptions vfs, long flags, byte[] mountpoint)
      throws MountRefusedException {
    Fd taken = device;
    device = null;
    try {
      return taken == null
          ? FuseMount.mountByFusermount(vfs.source(), mountpoint, flags, vfs.allowOther())
          : FuseMount.mount(
              taken,
              new FuseMount.Shown(vfs.source(), vfs.subtype()),
              mountpoint,
              flags,
              kernelOptions(vfs));
    } catch (Fusermount.RefusedException e) {
      throw new MountRefusedException(
          "mount point " + Name.printable(mountpoint) + ": " + e.getMessage());
    } catch (ErrnoException e) {
      if (e.errno() == Errno.EINVAL && !vfs.labels().isEmpty()) {
        throw new MountRefusedException(
            "the kernel rejects option '"
                + Name.printable(vfs.labels().get(0))
                + "': it has no security module for such labels (EINVAL)");
      }
      throw OverlayMount.refused(mountpoint, e);
    }
  }

  @Override
  public void close() {
    if (device != null) {
      device.close();
      device = null;
    }
  }

  private static InitOptions initOptions(MountOptions options) {
    SessionOptions session = options.session();
    InitOptions defaults = InitOptions.defaults().withMaxWrite(session.maxWrite());
    long flags = OpenFlags.atInit(session.open(), defaults.flags());
    InitOptions asked =
        session.open().isPassthrough()
            ? defaults.withPassthrough(STACK_DEPTH)
            : defaults.without(~flags).with(flags);
    if (session.rings() && IoUring.isAvailable()) {
      asked = asked.with(InitFlags.OVER_IO_URING);
    }
    if (session.writeback()) {
      asked = asked.with(InitFlags.WRITEBACK_CACHE);
    }
    boolean acls = options.engine().posixAcls() && options.engine().xattrs();
    return acls ? asked : asked.without(InitFlags.POSIX_ACL);
  }

  /** The option text for mount(2). */
  private static byte[] kernelOptions(VfsOptions vfs) {
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    if (vfs.allowOther()) {
      joined.writeBytes(ALLOW_OTHER);
    }
    for (byte[] label : vfs.labels()) {
      if (joined.size() > 0) {
        joined.write(',');
      }
      joined.writeBytes(label);
    }
    return joined.toByteArray();
  }

  /** A mount whose requests this process reads. */
  private record ByWire(FuseMount mount, Session session) implements Served {
    @Override
    public byte[] path() {
      return mount.path();
    }

    @Override
    public void awaitEnd() throws InterruptedException {
      session.awaitEnd();
    }

    @Override
    public int unmount(boolean lazily) {
      return lazily ? mount.detach() : mount.unmount();
    }

    @Override
    public String requestCounts() {
      return session.requestCounts();
    }
  }
}
