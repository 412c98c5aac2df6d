package plyfs.differential;

import plyfs.contract.DiskTree;
import plyfs.sys.CallerCalls;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;
import plyfs.sys.XattrSyscalls;

/** Operations on names and attributes. */
final class NameOps {
  private static final String OK = "ok";
  private static final String[] XATTRS = {
    "user.a", "user.b", "trusted.t", "trusted.overlay.x", "trusted.overlay.opaque", "user.overlay.x"
  };

  /** VFS_CAP_REVISION_2 with the effective bit, cap_net_raw. */
  private static final String CAPABILITY = "\1\0\0\2\0\40\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

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
      case RENAME -> rename(op);
      case LINK -> at.link(path, op.other());
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
      case REMOVE_ALL -> at.removeAll(path);
      default -> {
        return runXattr(op);
      }
    }
    return OK;
  }

  private void rename(Op op) throws ErrnoException {
    try {
      at.rename(op.path(), op.other(), op.oneOf(3, 0, 0, 0, 1, 2, 2, 3, 4));
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

  static String xattr(Op op) {
    return XATTRS[op.pick(11, XATTRS.length)];
  }

  private String runXattr(Op op) throws ErrnoException {
    String path = op.path();
    switch (op.kind()) {
      case SET_XATTR -> setXattr(op);
      case REMOVE_XATTR -> at.removeXattr(path, op.pick(12, 6) == 0 ? aclName(op) : xattr(op));
      case GET_XATTR -> {
        return at.xattrNames(path) + " " + at.xattr(path, xattr(op));
      }
      case SET_ACL -> {
        try (Fd object = at.open(path, Linux.O_PATH)) {
          ErrnoException.check(
              XattrSyscalls.set(object, Syscalls.SELF, Bytes.of(aclName(op)), Acl.of(op), 0));
        }
      }
      default -> throw new IllegalArgumentException(op.toString());
    }
    return OK;
  }

  private static String aclName(Op op) {
    return op.pick(13, 2) == 0 ? "system.posix_acl_access" : "system.posix_acl_default";
  }

  private void setXattr(Op op) throws ErrnoException {
    if (op.pick(14, 8) == 0) {
      at.setXattr(op.path(), "security.capability", CAPABILITY);
      return;
    }
    int flags = op.oneOf(15, 0, 0, Linux.XATTR_CREATE, Linux.XATTR_REPLACE);
    String value = "v".repeat(op.pick(16, 5) == 0 ? op.pick(17, 2000) : op.pick(17, 8));
    try {
      at.setXattr(op.path(), xattr(op), value, flags);
    } catch (ErrnoException e) {
      if (e.errno() == Errno.EEXIST || e.errno() == Errno.ENODATA) {
        // Now the kernel has copied the object up and Plyfs has not: SEMANTICS 5.30.
        at.chown(op.path(), at.stat(op.path()).uid(), -1);
      }
      throw e;
    }
  }
}
