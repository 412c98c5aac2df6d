package plyfs.differential;

import java.io.IOException;
import plyfs.contract.DiskTree;
import plyfs.sys.CallerCalls;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.MountSyscalls;

/** One of the two mounts, with what is open on it. */
final class Side implements AutoCloseable {
  private final NameOps names;
  private final FileOps files;
  private final HeldFiles held;
  private final Shell shell;
  private final DiskTree at;

  Side(String mountPoint) throws IOException {
    at = new DiskTree(mountPoint);
    names = new NameOps(at);
    files = new FileOps(at);
    held = new HeldFiles(at);
    shell = new Shell();
  }

  /** Does an operation; what came of it, as text that must not depend on the engine. */
  String apply(Op op) throws IOException {
    int umask = MountSyscalls.umask(op.oneOf(1, 022, 0, 077, 007));
    CallerCalls.become(op.user());
    try {
      return run(op);
    } catch (ErrnoException e) {
      return Errno.name(e.errno());
    } finally {
      CallerCalls.become(0);
      MountSyscalls.umask(umask);
    }
  }

  private String run(Op op) throws ErrnoException, IOException {
    return switch (op.kind()) {
      case RENAME,
          LINK,
          UNLINK,
          RMDIR,
          MKDIR,
          SYMLINK,
          MKNOD,
          CHMOD,
          CHOWN,
          SET_TIMES,
          STAT,
          LIST,
          REMOVE_ALL,
          SET_XATTR,
          REMOVE_XATTR,
          GET_XATTR,
          SET_ACL ->
          names.run(op);
      case CREATE,
          OPEN_OR_CREATE,
          WRITE,
          APPEND,
          TRUNCATE,
          OPEN_TRUNCATED,
          WRITE_MAPPED,
          ALLOCATE,
          COPY_RANGE,
          SEEK,
          READ,
          LINK_NAMELESS ->
          files.run(op);
      case SHELL_APPEND -> shell.append(at.root() + "/" + op.path(), "shell" + op.number());
      case COMPARE, REMOUNT, SWAP -> throw new IllegalArgumentException("not of one side: " + op);
      default -> held.run(op);
    };
  }

  void closeFiles() {
    held.closeAll();
  }

  @Override
  public void close() throws IOException {
    closeFiles();
    shell.close();
  }
}
