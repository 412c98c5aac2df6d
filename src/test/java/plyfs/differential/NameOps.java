package plyfs.differential;

import plyfs.contract.DiskTree;
import plyfs.sys.CallerCalls;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.Stat;

/** Operations on names, and on owners, modes and times. */
final class NameOps {
  static final String OK = "ok";

  private static final int NOREPLACE = 1;
  private static final int EXCHANGE = 2;
  private static final int WHITEOUT = 4;

  private final DiskTree at;

  NameOps(DiskTree at) {
    this.at = at;
  }

  static int mode(Op op) {
    return op.oneOf(2, 0644, 0600, 0755, 0777, 0666, 01777, 02775, 04755, 06711, 02767, 0400, 0);
  }

  private static int directoryMode(Op op) {
    return op.oneOf(2, 0755, 0777, 0700, 01777, 02775, 0777, 0750, 0);
  }

  String run(Op op) throws ErrnoException {
    String path = op.path();
    switch (op.kind()) {
      case RENAME_FILE, RENAME_DIRECTORY ->
          rename(op, op.oneOf(3, 0, 0, 0, 0, NOREPLACE, WHITEOUT));
      case EXCHANGE -> rename(op, op.oneOf(3, EXCHANGE, EXCHANGE, EXCHANGE, EXCHANGE | NOREPLACE));
      case LINK -> {
        // FUSE refuses a link by the mode that it knew last, which may be from before a write.
        at.stat(path);
        at.link(path, op.other());
      }
      case UNLINK -> at.unlink(path);
      case RMDIR -> at.rmdir(path);
      case MKDIR -> at.mkdir(path, directoryMode(op));
      case SYMLINK -> at.symlink(op.other(), path);
      case MKNOD -> makeNode(op);
      case CHMOD -> at.chmod(path, at.stat(path).isDirectory() ? directoryMode(op) : mode(op));
      // chown(-1, -1) copies up with the kernel only: SEMANTICS 5.30.
      case CHOWN -> at.chown(path, op.pick(4, 4), op.pick(5, 4) - 1);
      case SET_TIMES -> setTimes(op);
      case STAT -> {
        return text(at.stat(path));
      }
      case LIST -> {
        return at.list(path).toString();
      }
      case READ_LINK -> {
        return at.readLink(path);
      }
      case REMOVE_ALL -> at.removeAll(path);
      default -> throw new IllegalArgumentException(op.toString());
    }
    return OK;
  }

  private void rename(Op op, int flags) throws ErrnoException {
    try {
      at.rename(op.path(), op.other(), flags);
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ENOTEMPTY) {
        // The kernel has moved the times of the parents by now, Plyfs has not.
        CallerCalls.become(0);
        at.utimens(parent(op.path()), 1, 0, 1, 0);
        at.utimens(parent(op.other()), 1, 0, 1, 0);
      }
      throw e;
    }
  }

  private static String parent(String path) {
    return path.substring(0, Math.max(path.lastIndexOf('/'), 0));
  }

  static String text(Stat stat) {
    return "%o %d:%d %s"
        .formatted(stat.mode(), stat.uid(), stat.gid(), stat.isDirectory() ? "" : "" + stat.size());
  }

  private void makeNode(Op op) throws ErrnoException {
    int type =
        op.oneOf(6, Linux.S_IFIFO, Linux.S_IFCHR, Linux.S_IFBLK, Linux.S_IFSOCK, Linux.S_IFREG);
    // The null device, else numbers that belong to no driver.
    int rdev =
        switch (type) {
          case Linux.S_IFCHR -> op.oneOf(7, 0x0103, 0xf001, 0x0000);
          case Linux.S_IFBLK -> op.oneOf(7, 0xf001, 0xf123);
          default -> 0;
        };
    at.mknod(op.path(), type | mode(op), rdev);
  }

  private void setTimes(Op op) throws ErrnoException {
    long seconds = 1L + op.pick(8, 1_400_000_000);
    long nanos = op.pick(9, 1_000_000_000);
    switch (op.pick(10, 4)) {
      case 0 -> at.utimens(op.path(), 0, Linux.UTIME_NOW, 0, Linux.UTIME_NOW);
      case 1 -> at.utimens(op.path(), 0, Linux.UTIME_OMIT, seconds, nanos);
      case 2 -> at.utimens(op.path(), seconds, nanos, 0, Linux.UTIME_OMIT);
      default -> at.utimens(op.path(), seconds, nanos, seconds - 1, nanos);
    }
  }
}
