package plyfs.differential;

import java.util.List;
import plyfs.contract.DiskTree;
import plyfs.sys.CallerCalls;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.Syscalls;
import plyfs.sys.XattrSyscalls;

/** Operations on extended attributes and ACLs. */
final class XattrOps {
  private static final String[] NAMES = {
    "user.a", "user.b", "trusted.t", "trusted.overlay.x", "trusted.overlay.opaque", "user.overlay.x"
  };

  /** VFS_CAP_REVISION_2 with the effective bit, cap_net_raw. */
  static final String CAPABILITY = "\1\0\0\2\0\40\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

  private final DiskTree at;

  XattrOps(DiskTree at) {
    this.at = at;
  }

  String run(Op op) throws ErrnoException {
    switch (op.kind()) {
      case SET_XATTR -> set(op);
      case REMOVE_XATTR -> remove(op);
      case GET_XATTR -> {
        return at.xattrNames(op.path()) + " " + at.xattr(op.path(), name(op));
      }
      case SET_ACL -> setAcl(op);
      case REMOVE_ACL -> at.removeXattr(op.path(), aclName(op));
      default -> throw new IllegalArgumentException(op.toString());
    }
    return NameOps.OK;
  }

  private static String name(Op op) {
    return NAMES[op.pick(11, NAMES.length)];
  }

  private static String aclName(Op op) {
    return op.pick(13, 3) > 0 ? "system.posix_acl_access" : "system.posix_acl_default";
  }

  /** Most often of one that is there. */
  private void remove(Op op) throws ErrnoException {
    List<String> there = op.pick(12, 4) == 0 ? List.of() : at.xattrNames(op.path());
    at.removeXattr(op.path(), there.isEmpty() ? name(op) : there.get(op.pick(12, there.size())));
  }

  private void setAcl(Op op) throws ErrnoException {
    try (Fd object = at.open(op.path(), Linux.O_PATH)) {
      ErrnoException.check(
          XattrSyscalls.set(object, Syscalls.SELF, Bytes.of(aclName(op)), Acl.of(op), 0));
    }
  }

  private void set(Op op) throws ErrnoException {
    if (op.pick(14, 8) == 0) {
      at.setXattr(op.path(), "security.capability", CAPABILITY);
      return;
    }
    int flags = op.oneOf(15, 0, 0, Linux.XATTR_CREATE, Linux.XATTR_REPLACE);
    String value = "v".repeat(op.pick(16, 5) == 0 ? op.pick(17, 2000) : op.pick(17, 8));
    try {
      at.setXattr(op.path(), name(op), value, flags);
    } catch (ErrnoException e) {
      if (e.errno() == Errno.EEXIST || e.errno() == Errno.ENODATA) {
        // Now the kernel has copied the object up and Plyfs has not: SEMANTICS 5.30.
        CallerCalls.become(0);
        at.chown(op.path(), at.stat(op.path()).uid(), -1);
      }
      throw e;
    }
  }
}
