package plyfs.jnrfuse;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.lang.ref.Reference;
import java.nio.charset.Charset;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import org.jspecify.annotations.Nullable;
import plyfs.daemon.NativeTransport;
import plyfs.daemon.Transport;
import plyfs.layer.MountRefusedException;
import plyfs.options.MountOptions;
import plyfs.sys.CloseOnExec;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.FuseMount;
import plyfs.sys.Name;
import plyfs.union.UnionFs;

/**
 * Mounts through libfuse 2.9 and jnr-fuse. Plyfs uses only the operations of jnr-fuse: its own
 * mount takes two seconds, unmounts in a shutdown hook without waiting, and serves requests in
 * threads that it attaches to the JVM for each call.
 */
public final class JnrFuseTransport implements Transport {
  private static final String LIBRARY = "libfuse.so.2";

  private @Nullable Libfuse libfuse;

  /** A transport for one mount. */
  public JnrFuseTransport() {}

  @Override
  public void prepare(MountOptions options) throws IOException {
    if (!Charset.defaultCharset().equals(ISO_8859_1)) {
      throw new IOException(
          "transport jnr-fuse needs Java with -Dfile.encoding=ISO-8859-1, because names"
              + " are bytes: start it with scripts/plyfs");
    }
    NativeTransport.openDevice().close(); // libfuse opens it itself, even if fusermount mounts
    try {
      libfuse = LibraryLoader.create(Libfuse.class).failImmediately().load(LIBRARY);
    } catch (UnsatisfiedLinkError e) {
      throw new IOException(
          "transport jnr-fuse needs libfuse 2.9 ("
              + LIBRARY
              + "): install the package libfuse2 (Debian, Ubuntu) or fuse-libs (Fedora)",
          e);
    }
  }

  @Override
  public void close() {
    // Nothing to release: the library stays loaded.
  }

  @Override
  public Served serve(UnionFs union, MountOptions options, long flags, byte[] mountpoint)
      throws MountRefusedException, IOException {
    Libfuse library = libfuse;
    if (library == null) {
      throw new IllegalStateException("not prepared");
    }
    byte[] path;
    try {
      path = FuseMount.realPath(mountpoint);
    } catch (ErrnoException e) {
      throw new MountRefusedException(
          "mount point " + Name.printable(mountpoint) + ": " + Errno.describe(e.errno()));
    }
    Serving serving = new Serving(library, union, options, path);
    CloseOnExec.markAll(); // libfuse may execute fusermount
    serving.mount(flags);
    try {
      serving.awaitInit();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      serving.unmount(true);
      throw new IOException("interrupted while mounting", e);
    }
    serving.setFurtherFlags(flags);
    return serving;
  }

  /** One mount and its threads. */
  private static final class Serving implements Served {
    private final Libfuse libfuse;
    private final MountOptions options;
    private final byte[] path;
    private final JnrFuseAdapter adapter;
    private final CountDownLatch started = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicInteger running = new AtomicInteger();
    private volatile boolean isInitialised;

    Serving(Libfuse libfuse, UnionFs union, MountOptions options, byte[] path) {
      this.libfuse = libfuse;
      this.options = options;
      this.path = path;
      this.adapter =
          new JnrFuseAdapter(union, options.engine(), this::initialised, () -> unmount(true));
    }

    private void initialised() {
      isInitialised = true;
      started.countDown();
    }

    void mount(long flags) throws MountRefusedException {
      Runtime runtime = Runtime.getRuntime(libfuse);
      List<byte[]> arguments =
          List.of(
              "plyfs".getBytes(US_ASCII),
              "-f".getBytes(US_ASCII),
              "-o".getBytes(US_ASCII),
              LibfuseArguments.options(options, flags),
              path);
      Pointer argv = LibfuseArguments.argv(runtime, arguments);
      Pointer out = Memory.allocateDirect(runtime, 2 * Long.BYTES, true);
      long fuse;
      try {
        fuse =
            libfuse.fuse_setup(
                arguments.size(),
                argv.address(),
                adapter.operations().address(),
                adapter.operationsSize(),
                out.address(),
                out.address() + Long.BYTES,
                0);
      } finally {
        Reference.reachabilityFence(argv);
      }
      if (fuse == 0) {
        throw new MountRefusedException(
            "mount point "
                + Name.printable(path)
                + ": libfuse cannot mount there: see its message in the log");
      }
      start(fuse, out.getLong(0));
    }

    private void start(long fuse, long ownedMountpoint) {
      int threads = options.session().threads();
      running.set(threads);
      Runnable atEnd =
          () -> {
            if (running.decrementAndGet() == 0) {
              libfuse.fuse_teardown(fuse, ownedMountpoint);
              started.countDown();
              ended.countDown();
            }
          };
      for (int i = 0; i < threads; i++) {
        new Thread(new RequestLoop(libfuse, fuse, atEnd), "plyfs-jnr-fuse-" + i).start();
      }
    }

    void awaitInit() throws InterruptedException, IOException {
      started.await();
      if (!isInitialised) {
        throw new IOException("the mount ended before it was ready: mount it again");
      }
    }

    /** Sets the flags that libfuse has no options for. */
    void setFurtherFlags(long flags) throws MountRefusedException {
      if ((flags & ~LibfuseArguments.KNOWN_FLAGS) == 0) {
        return;
      }
      int result = FuseMount.remount(path, flags);
      if (result < 0) {
        unmount(true);
        throw new MountRefusedException(
            "mount point " + Name.printable(path) + ": " + Errno.describe(-result));
      }
    }

    @Override
    public byte[] path() {
      return path;
    }

    @Override
    public void awaitEnd() throws InterruptedException {
      ended.await();
    }

    @Override
    public int unmount(boolean lazily) {
      return FuseMount.unmount(path, options.vfs().byFusermount(), lazily);
    }

    @Override
    public String requestCounts() {
      return "not counted by this transport";
    }
  }
}
