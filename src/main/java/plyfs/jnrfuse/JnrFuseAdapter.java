package plyfs.jnrfuse;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.function.Supplier;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.Struct;
import org.jspecify.annotations.Nullable;
import plyfs.options.EngineOptions;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Loggers;
import plyfs.sys.StatFs;
import plyfs.union.UnionFs;
import plyfs.union.api.NodeView;
import ru.serce.jnrfuse.FuseFillDir;
import ru.serce.jnrfuse.FuseStubFS;
import ru.serce.jnrfuse.struct.FileStat;
import ru.serce.jnrfuse.struct.FuseFileInfo;
import ru.serce.jnrfuse.struct.FuseOperations;
import ru.serce.jnrfuse.struct.Statvfs;
import ru.serce.jnrfuse.struct.Timespec;

/**
 * Implements the operations of libfuse on a union. Each resolves its path to a node, calls the
 * engine, and returns a result or a negated error number. No exception ever reaches native code,
 * which would treat it as success. This class converts between C structures and values; its
 * collaborators do the work.
 *
 * <p>Access, flush, lock, flock, poll and bmap are not implemented on purpose: the kernel handles
 * them itself after ENOSYS.
 */
final class JnrFuseAdapter extends FuseStubFS {
  private static final Logger LOG = Loggers.named("plyfs.jnrfuse");

  /** {@code nullpath_ok}, {@code nopath}, {@code utime_omit_ok} in {@code fuse_operations}. */
  private static final int FLAGS = 0b111;

  private static final int RECENT_DIRECTORIES = 1024;

  private final Pointer operations;
  private final SyncDirectory syncDirectory = this::syncDirectory;
  private final UnionFs union;
  private final boolean hasXattrs;
  private final OpenNodes opens;
  private final NameOperations names;
  private final AttributeOperations attributes;
  private final XattrOperations xattrs;
  private final FlagOperations flags;
  private final Runnable atInit;
  private final Runnable atFatalError;

  /**
   * An adapter for one mount.
   *
   * @param atInit called after the first request of the kernel
   * @param atFatalError ends the mount
   */
  JnrFuseAdapter(UnionFs union, EngineOptions options, Runnable atInit, Runnable atFatalError) {
    Supplier<PendingRequest> requests = RequestLoop::current;
    HiddenFiles hidden = new HiddenFiles(requests);
    PathWalk walk = new PathWalk(union, hidden, new RecentDirectories(union, RECENT_DIRECTORIES));
    this.union = union;
    this.hasXattrs = options.xattrs();
    this.opens = new OpenNodes(union, walk, requests);
    this.names = new NameOperations(union, walk, hidden, requests);
    this.attributes = new AttributeOperations(union, walk, opens, requests, options.staticLinks());
    this.xattrs = new XattrOperations(union, walk, requests);
    this.flags = new FlagOperations(union, opens, requests);
    this.atInit = atInit;
    this.atFatalError = atFatalError;
    this.operations = nativeCopy(fuseOperations);
    Runtime runtime = Runtime.getSystemRuntime();
    operations.putAddress(
        fuseOperations.fsyncdir.offset(),
        runtime
            .getClosureManager()
            .getClosurePointer(SyncDirectory.class, syncDirectory)
            .address());
  }

  /** A native copy, with the flag bits before ioctl that jnr-fuse leaves out. */
  private static Pointer nativeCopy(FuseOperations operations) {
    byte[] bytes = new byte[Struct.size(operations)];
    Struct.getMemory(operations).get(0, bytes, 0, bytes.length);
    Pointer copy = Memory.allocateDirect(Runtime.getSystemRuntime(), bytes.length);
    copy.put(0, bytes, 0, bytes.length);
    copy.putInt(operations.ioctl.offset() - Long.BYTES, FLAGS);
    return copy;
  }

  /** {@code struct fuse_operations}. */
  Pointer operations() {
    return operations;
  }

  /** Its size, bytes. */
  long operationsSize() {
    return Struct.size(fuseOperations);
  }

  /** An operation that returns a number. */
  @FunctionalInterface
  private interface Operation {
    int run() throws ErrnoException;
  }

  private int answer(Operation operation) {
    try {
      return operation.run();
    } catch (ErrnoException e) {
      // ENOSYS would disable the operation for the whole mount.
      return e.errno() == Errno.ENOSYS ? -Errno.EOPNOTSUPP : -e.errno();
    } catch (RuntimeException | StackOverflowError e) {
      LOG.log(Level.ERROR, "an operation failed", e);
      return -Errno.EIO;
    } catch (Error e) {
      LOG.log(Level.ERROR, "the mount cannot go on", e);
      atFatalError.run();
      return -Errno.EIO;
    }
  }

  /** An operation without a result. */
  @FunctionalInterface
  private interface Action {
    void run() throws ErrnoException;
  }

  private int done(Action action) {
    return answer(
        () -> {
          action.run();
          return 0;
        });
  }

  @Override
  public @Nullable Pointer init(Pointer connection) {
    NativeStructs.wantIoctlsOfDirectories(connection);
    atInit.run();
    return null;
  }

  // Attributes

  @Override
  public int getattr(String path, FileStat out) {
    return done(() -> put(out, attributes.of(path)));
  }

  @Override
  public int fgetattr(String path, FileStat out, FuseFileInfo open) {
    return done(() -> put(out, attributes.ofOpen(open.fh.get())));
  }

  private void put(FileStat out, NodeView view) {
    NativeStructs.put(out, view, attributes.links(view));
  }

  @Override
  public int chmod(String path, long mode) {
    return done(() -> attributes.setMode(path, (int) mode));
  }

  @Override
  public int chown(String path, long uid, long gid) {
    return done(() -> attributes.setOwner(path, (int) uid, (int) gid));
  }

  @Override
  public int truncate(String path, long size) {
    return done(() -> attributes.setSize(path, size));
  }

  @Override
  public int ftruncate(String path, long size, FuseFileInfo open) {
    return done(() -> attributes.setSizeOfOpen(open.fh.get(), size));
  }

  @Override
  public int utimens(String path, Timespec[] times) {
    return done(
        () ->
            attributes.setTimes(
                path,
                times[0].tv_sec.get(),
                times[0].tv_nsec.longValue(),
                times[1].tv_sec.get(),
                times[1].tv_nsec.longValue()));
  }

  @Override
  public int statfs(String path, Statvfs out) {
    return done(
        () -> {
          StatFs stat = new StatFs();
          union.statFs(stat);
          NativeStructs.put(out, stat);
        });
  }

  // Names

  @Override
  public int readlink(String path, Pointer buffer, long size) {
    return done(
        () -> {
          byte[] target = names.readLink(path);
          int length = (int) Math.min(target.length, size - 1);
          buffer.put(0, target, 0, length);
          buffer.putByte(length, (byte) 0);
        });
  }

  @Override
  public int mknod(String path, long mode, long device) {
    return done(() -> names.makeNode(path, (int) mode, (int) device));
  }

  @Override
  public int mkdir(String path, long mode) {
    return done(() -> names.makeDirectory(path, (int) mode));
  }

  @Override
  public int symlink(String target, String path) {
    return done(() -> names.makeSymlink(path, target));
  }

  @Override
  public int link(String path, String newPath) {
    return done(() -> names.link(path, newPath));
  }

  @Override
  public int unlink(String path) {
    return done(() -> names.unlink(path));
  }

  @Override
  public int rmdir(String path) {
    return done(() -> names.removeDirectory(path));
  }

  @Override
  public int rename(String path, String newPath) {
    return done(() -> names.rename(path, newPath));
  }

  // Open files and directories

  @Override
  public int open(String path, FuseFileInfo open) {
    return done(() -> open.fh.set(opens.openFile(path, open.flags.intValue())));
  }

  @Override
  public int create(String path, long mode, FuseFileInfo open) {
    return done(() -> open.fh.set(opens.create(path, (int) mode)));
  }

  @Override
  public int read(String path, Pointer to, long size, long offset, FuseFileInfo open) {
    return answer(() -> opens.read(open.fh.get(), to.address(), Math.toIntExact(size), offset));
  }

  @Override
  public int write(String path, Pointer from, long size, long offset, FuseFileInfo open) {
    return answer(
        () ->
            opens.write(
                open.fh.get(),
                from.address(),
                Math.toIntExact(size),
                offset,
                open.flags.intValue() & Linux.O_SYNC));
  }

  @Override
  public int release(String path, FuseFileInfo open) {
    return done(() -> opens.releaseFile(open.fh.get()));
  }

  @Override
  public int fsync(String path, int dataOnly, FuseFileInfo open) {
    return done(() -> opens.sync(open.fh.get(), dataOnly != 0));
  }

  @Override
  public int fallocate(String path, int mode, long offset, long length, FuseFileInfo open) {
    return done(() -> opens.allocate(open.fh.get(), mode, offset, length));
  }

  @Override
  public int ioctl(
      String path, int command, Pointer value, FuseFileInfo open, long unused, Pointer data) {
    return done(() -> flags.ioctl(open.fh.get(), command, data));
  }

  @Override
  public int opendir(String path, FuseFileInfo open) {
    return done(() -> open.fh.set(opens.openDirectory(path)));
  }

  @Override
  public int readdir(
      String path, Pointer buffer, FuseFillDir filler, long position, FuseFileInfo open) {
    return done(
        () -> opens.list(open.fh.get(), position, new NativeStructs.Entries(filler, buffer)));
  }

  @Override
  public int releasedir(String path, FuseFileInfo open) {
    return done(() -> opens.releaseDirectory(open.fh.get()));
  }

  private int syncDirectory(Pointer path, int dataOnly, Pointer open) {
    return done(() -> opens.syncDirectory(FuseFileInfo.of(open).fh.get()));
  }

  // Extended attributes; after ENOSYS the kernel stops asking

  @Override
  public int getxattr(String path, String name, Pointer buffer, long size) {
    return hasXattrs ? answer(() -> sized(xattrs.get(path, name), buffer, size)) : -Errno.ENOSYS;
  }

  @Override
  public int listxattr(String path, Pointer buffer, long size) {
    return hasXattrs ? answer(() -> sized(xattrs.list(path), buffer, size)) : -Errno.ENOSYS;
  }

  /** Returns the bytes if they fit, or their number if the caller offers no space. */
  private static int sized(byte[] bytes, Pointer buffer, long room) throws ErrnoException {
    if (room != 0) {
      if (bytes.length > room) {
        throw ErrnoException.of(Errno.ERANGE);
      }
      buffer.put(0, bytes, 0, bytes.length);
    }
    return bytes.length;
  }

  @Override
  public int setxattr(String path, String name, Pointer value, long size, int flags) {
    byte[] bytes = new byte[Math.toIntExact(size)];
    if (bytes.length > 0) {
      value.get(0, bytes, 0, bytes.length);
    }
    return hasXattrs ? done(() -> xattrs.set(path, name, bytes, flags)) : -Errno.ENOSYS;
  }

  @Override
  public int removexattr(String path, String name) {
    return hasXattrs ? done(() -> xattrs.remove(path, name)) : -Errno.ENOSYS;
  }
}
