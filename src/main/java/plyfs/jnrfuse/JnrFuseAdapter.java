package plyfs.jnrfuse;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import jnr.ffi.Struct;
import org.jspecify.annotations.Nullable;
import plyfs.daemon.EngineOptions;
import plyfs.daemon.ProcessGroups;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.StatFs;
import plyfs.union.AttributeChange;
import plyfs.union.Caller;
import plyfs.union.NodeView;
import plyfs.union.UnionFs;
import ru.serce.jnrfuse.FuseFillDir;
import ru.serce.jnrfuse.FuseStubFS;
import ru.serce.jnrfuse.struct.FileStat;
import ru.serce.jnrfuse.struct.FuseContext;
import ru.serce.jnrfuse.struct.FuseFileInfo;
import ru.serce.jnrfuse.struct.FuseOperations;
import ru.serce.jnrfuse.struct.Statvfs;
import ru.serce.jnrfuse.struct.Timespec;

/**
 * The operations of libfuse on a union. Each resolves its path to a node, calls the engine, and
 * returns a result or a negated error number; nothing is ever thrown into native code, which would
 * take it for success.
 *
 * <p>Not implemented on purpose: what the kernel does itself when it gets ENOSYS (access, flush,
 * lock, flock, poll, bmap), and ioctl, which it then refuses with ENOTTY.
 */
final class JnrFuseAdapter extends FuseStubFS {
  private static final Logger LOG = System.getLogger("plyfs.jnrfuse");

  /** {@code nullpath_ok}, {@code nopath}, {@code utime_omit_ok} in {@code fuse_operations}. */
  private static final int FLAGS = 0b111;

  private final Pointer operations;
  private final SyncDirectory syncDirectory = this::syncDirectory;
  private final UnionFs union;
  private final boolean staticLinks;
  private final boolean xattrs;
  private final HiddenFiles hidden = new HiddenFiles();
  private final PathWalk walk;
  private final OpenNodes opens;
  private final Runnable atInit;
  private final Runnable atFatalError;

  /**
   * An adapter for one mount.
   *
   * @param atInit called when the kernel has asked for the first time
   * @param atFatalError ends the mount
   */
  JnrFuseAdapter(UnionFs union, EngineOptions options, Runnable atInit, Runnable atFatalError) {
    this.union = union;
    this.staticLinks = options.staticLinks();
    this.xattrs = options.xattrs();
    this.walk = new PathWalk(union, hidden);
    this.opens = new OpenNodes(union, walk);
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

  /** With the bits that the library leaves out, which stand before ioctl. */
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

  /** An operation. */
  @FunctionalInterface
  private interface Operation {
    int run() throws ErrnoException;
  }

  private int answer(Operation operation) {
    try {
      return operation.run();
    } catch (ErrnoException e) {
      // ENOSYS would switch the operation off for the whole mount.
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

  private Caller caller() {
    FuseContext context = getContext();
    int pid = (int) context.pid.get();
    return new Caller(
        (int) context.uid.get(),
        (int) context.gid.get(),
        0, // the kernel has applied the umask
        () -> false,
        group -> ProcessGroups.keepsSetgid(pid, group));
  }

  private int links(NodeView view) {
    return staticLinks && view.stat().isDirectory() ? 1 : view.nlink();
  }

  @Override
  public @Nullable Pointer init(Pointer connection) {
    atInit.run();
    return null;
  }

  // Attributes

  @Override
  public int getattr(String path, FileStat stat) {
    return answer(
        () ->
            walk.at(
                path,
                node -> {
                  NodeView view = new NodeView();
                  union.getAttributes(node, view);
                  NativeStructs.put(stat, view, links(view));
                  return 0;
                }));
  }

  @Override
  public int fgetattr(String path, FileStat stat, FuseFileInfo open) {
    return answer(
        () -> {
          NodeView view = new NodeView();
          opens.attributes(open.fh.get(), view);
          NativeStructs.put(stat, view, links(view));
          return 0;
        });
  }

  private int change(String path, AttributeChange change) {
    return answer(
        () ->
            walk.at(
                path,
                node -> {
                  union.setAttributes(node, change, caller(), new NodeView());
                  return 0;
                }));
  }

  @Override
  public int chmod(String path, long mode) {
    return change(path, new AttributeChange().mode((int) mode));
  }

  @Override
  public int chown(String path, long uid, long gid) {
    AttributeChange change = new AttributeChange();
    if ((int) uid != -1) {
      change.uid((int) uid);
    }
    if ((int) gid != -1) {
      change.gid((int) gid);
    }
    return change(path, change);
  }

  @Override
  public int truncate(String path, long size) {
    return change(path, new AttributeChange().size(size));
  }

  @Override
  public int ftruncate(String path, long size, FuseFileInfo open) {
    return answer(
        () -> {
          opens.change(open.fh.get(), new AttributeChange().size(size), caller());
          return 0;
        });
  }

  @Override
  public int utimens(String path, Timespec[] times) {
    AttributeChange change = new AttributeChange();
    if (times[0].tv_nsec.longValue() != Linux.UTIME_OMIT) {
      change.atime(times[0].tv_sec.get(), times[0].tv_nsec.longValue());
    }
    if (times[1].tv_nsec.longValue() != Linux.UTIME_OMIT) {
      change.mtime(times[1].tv_sec.get(), times[1].tv_nsec.longValue());
    }
    return change(path, change);
  }

  @Override
  public int statfs(String path, Statvfs out) {
    return answer(
        () -> {
          StatFs stat = new StatFs();
          union.statFs(stat);
          NativeStructs.put(out, stat);
          return 0;
        });
  }

  // Names

  @Override
  public int readlink(String path, Pointer buffer, long size) {
    return answer(
        () ->
            walk.at(
                path,
                node -> {
                  byte[] target = union.readLink(node);
                  int length = (int) Math.min(target.length, size - 1);
                  buffer.put(0, target, 0, length);
                  buffer.putByte(length, (byte) 0);
                  return 0;
                }));
  }

  /** Makes something; libfuse looks its name up afterwards. */
  @FunctionalInterface
  private interface Making {
    void apply(long parent, Name name, Caller caller, NodeView out) throws ErrnoException;
  }

  private int make(String path, Making making) {
    return answer(
        () ->
            walk.in(
                path,
                (parent, name) -> {
                  NodeView view = new NodeView();
                  making.apply(parent, name, caller(), view);
                  union.forget(view.nodeId(), 1);
                  return 0;
                }));
  }

  @Override
  public int mknod(String path, long mode, long device) {
    return make(
        path,
        (parent, name, caller, out) ->
            union.makeNode(parent, name, (int) mode, (int) device, caller, out));
  }

  @Override
  public int mkdir(String path, long mode) {
    return make(
        path,
        (parent, name, caller, out) -> union.makeDirectory(parent, name, (int) mode, caller, out));
  }

  @Override
  public int symlink(String target, String path) {
    return make(
        path,
        (parent, name, caller, out) ->
            union.makeSymlink(parent, name, PathNames.bytes(target), caller, out));
  }

  @Override
  public int link(String path, String newPath) {
    return answer(
        () ->
            walk.at(
                path,
                node ->
                    make(
                        newPath,
                        (parent, name, caller, out) ->
                            union.link(node, parent, name, caller, out))));
  }

  @Override
  public int unlink(String path) {
    long kept = hidden.drop(PathNames.last(path));
    if (kept != 0) {
      union.forget(kept, 1);
      return 0;
    }
    return answer(
        () ->
            walk.in(
                path,
                (parent, name) -> {
                  union.unlink(parent, name, caller());
                  return 0;
                }));
  }

  @Override
  public int rmdir(String path) {
    return answer(
        () ->
            walk.in(
                path,
                (parent, name) -> {
                  union.removeDirectory(parent, name, caller());
                  return 0;
                }));
  }

  @Override
  public int rename(String path, String newPath) {
    String newName = PathNames.last(newPath);
    if (hidden.isHiding(newName)) {
      return answer(() -> hide(path, newName));
    }
    return answer(
        () ->
            walk.in(
                path,
                (parent, name) ->
                    walk.in(
                        newPath,
                        (newParent, target) -> {
                          union.rename(parent, name, newParent, target, 0, caller());
                          return 0;
                        })));
  }

  /**
   * A file that is open loses its name: here if it is unlinked, by the rename that follows if it is
   * replaced.
   */
  private int hide(String path, String hiddenName) throws ErrnoException {
    PathWalk.Reached reached = walk.reach(path);
    boolean done = false;
    try {
      if (RequestLoop.current().opcode() == RequestLoop.UNLINK) {
        walk.in(
            path,
            (parent, name) -> {
              union.unlink(parent, name, caller());
              return 0;
            });
      }
      hidden.keep(hiddenName, reached.node());
      done = true;
      return 0;
    } finally {
      if (!done) {
        walk.leave(reached);
      }
    }
  }

  // Open files and directories

  @Override
  public int open(String path, FuseFileInfo open) {
    return answer(
        () -> {
          int flags = open.flags.intValue();
          Caller caller = caller();
          boolean kill =
              (flags & Linux.O_TRUNC) != 0
                  && !ProcessGroups.keepsSetuid((int) getContext().pid.get());
          open.fh.set(opens.openFile(path, flags, kill, caller));
          return 0;
        });
  }

  @Override
  public int create(String path, long mode, FuseFileInfo open) {
    return answer(
        () -> {
          open.fh.set(opens.create(path, (int) mode, caller()));
          return 0;
        });
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
    return answer(
        () -> {
          opens.releaseFile(open.fh.get());
          return 0;
        });
  }

  @Override
  public int fsync(String path, int dataOnly, FuseFileInfo open) {
    return answer(
        () -> {
          opens.sync(open.fh.get(), dataOnly != 0);
          return 0;
        });
  }

  @Override
  public int fallocate(String path, int mode, long offset, long length, FuseFileInfo open) {
    return answer(
        () -> {
          opens.allocate(open.fh.get(), mode, offset, length);
          return 0;
        });
  }

  @Override
  public int opendir(String path, FuseFileInfo open) {
    return answer(
        () -> {
          open.fh.set(opens.openDirectory(path));
          return 0;
        });
  }

  @Override
  public int readdir(
      String path, Pointer buffer, FuseFillDir filler, long position, FuseFileInfo open) {
    return answer(
        () -> {
          opens.list(open.fh.get(), position, new NativeStructs.Entries(filler, buffer));
          return 0;
        });
  }

  @Override
  public int releasedir(String path, FuseFileInfo open) {
    return answer(
        () -> {
          opens.releaseDirectory(open.fh.get());
          return 0;
        });
  }

  private int syncDirectory(Pointer path, int dataOnly, Pointer open) {
    return answer(
        () -> {
          opens.syncDirectory(FuseFileInfo.of(open).fh.get());
          return 0;
        });
  }

  // Extended attributes

  /** Does something with the attributes of what a path names; ENOSYS ends the questions. */
  private int xattr(String path, PathWalk.OnNode action) {
    return xattrs ? answer(() -> walk.at(path, action)) : -Errno.ENOSYS;
  }

  @Override
  public int getxattr(String path, String name, Pointer buffer, long size) {
    return xattr(
        path,
        node -> {
          byte[] value = union.getXattr(node, PathNames.bytes(name));
          return value == null ? -Errno.ENODATA : sized(value, buffer, size);
        });
  }

  @Override
  public int listxattr(String path, Pointer buffer, long size) {
    return xattr(path, node -> sized(union.listXattrs(node), buffer, size));
  }

  /** The bytes if they fit, or how many there are if no room was offered. */
  private static int sized(byte[] bytes, Pointer buffer, long room) {
    if (room != 0) {
      if (bytes.length > room) {
        return -Errno.ERANGE;
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
    return xattr(
        path,
        node -> {
          union.setXattr(node, PathNames.bytes(name), bytes, flags, false, caller());
          return 0;
        });
  }

  @Override
  public int removexattr(String path, String name) {
    return xattr(
        path,
        node -> {
          union.removeXattr(node, PathNames.bytes(name), caller());
          return 0;
        });
  }
}
