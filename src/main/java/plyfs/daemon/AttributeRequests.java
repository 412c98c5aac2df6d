package plyfs.daemon;

import plyfs.fuse.Reply;
import plyfs.fuse.Request;
import plyfs.fuse.abi.GetxattrIn;
import plyfs.fuse.abi.GetxattrOut;
import plyfs.fuse.abi.SetattrIn;
import plyfs.fuse.abi.SetxattrIn;
import plyfs.fuse.abi.StatfsOut;
import plyfs.fuse.abi.StatxOut;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.sys.StatFs;
import plyfs.union.UnionFs;
import plyfs.union.api.AttributeChange;
import plyfs.union.api.NodeView;

/** Requests about attributes, extended ones included, and about the file system as a whole. */
final class AttributeRequests {
  private static final int KEPT_TIMES = SetattrIn.FATTR_MTIME | SetattrIn.FATTR_CTIME;

  private final UnionFs union;
  private final Answers answers;

  AttributeRequests(UnionFs union, Answers answers) {
    this.union = union;
    this.answers = answers;
  }

  void get(Request request, Reply reply) throws ErrnoException {
    NodeView view = WorkerMemory.get().view;
    union.getAttributes(request.nodeId(), view);
    answers.attributes(reply, view, request.nodeId());
  }

  void statx(Request request, Reply reply) throws ErrnoException {
    NodeView view = WorkerMemory.get().view;
    union.getAttributes(request.nodeId(), view);
    StatxOut.put(
        reply.content(), 0, view.stat(), view.ino(), answers.links(view), answers.validNanos());
    reply.send(StatxOut.SIZEOF);
  }

  void set(Request request, Reply reply) throws ErrnoException {
    WorkerMemory memory = WorkerMemory.get();
    union.setAttributes(
        request.nodeId(),
        changeOf(request, memory.change.clear()),
        Answers.changer(request),
        memory.view);
    answers.attributes(reply, memory.view, request.nodeId());
  }

  private static AttributeChange changeOf(Request request, AttributeChange change) {
    int valid = SetattrIn.valid(request);
    if ((valid & SetattrIn.FATTR_MODE) != 0) {
      change.mode(SetattrIn.mode(request));
    }
    if ((valid & SetattrIn.FATTR_UID) != 0) {
      change.uid(SetattrIn.uid(request));
    }
    if ((valid & SetattrIn.FATTR_GID) != 0) {
      change.gid(SetattrIn.gid(request));
    }
    if ((valid & SetattrIn.FATTR_SIZE) != 0) {
      change.size(SetattrIn.size(request));
    }
    if ((valid & SetattrIn.FATTR_ATIME_NOW) != 0) {
      change.atime(0, Linux.UTIME_NOW);
    } else if ((valid & SetattrIn.FATTR_ATIME) != 0) {
      change.atime(SetattrIn.atime(request), SetattrIn.atimensec(request));
    }
    if ((valid & SetattrIn.FATTR_MTIME_NOW) != 0) {
      change.mtime(0, Linux.UTIME_NOW);
    } else if ((valid & SetattrIn.FATTR_MTIME) != 0) {
      change.mtime(SetattrIn.mtime(request), SetattrIn.mtimensec(request));
    }
    if ((valid & SetattrIn.FATTR_CTIME) != 0) {
      change.ctime(SetattrIn.ctime(request), SetattrIn.ctimensec(request));
    }
    return change
        .killSuidgid((valid & SetattrIn.FATTR_KILL_SUIDGID) != 0)
        .keptTimes((valid & ~(SetattrIn.FATTR_FH | SetattrIn.FATTR_LOCKOWNER)) == KEPT_TIMES);
  }

  void statFs(Reply reply) throws ErrnoException {
    StatFs statFs = WorkerMemory.get().statFs;
    union.statFs(statFs);
    StatfsOut.put(reply.content(), 0, statFs);
    reply.send(StatfsOut.SIZEOF);
  }

  void getXattr(Request request, Reply reply) throws ErrnoException {
    byte[] value = union.getXattr(request.nodeId(), request.string(0));
    if (value == null) {
      reply.error(Errno.ENODATA);
    } else {
      sized(reply, value, GetxattrIn.size(request));
    }
  }

  void listXattrs(Request request, Reply reply) throws ErrnoException {
    byte[] names = union.listXattrs(request.nodeId(), new Administrator(request.pid()));
    sized(reply, names, GetxattrIn.size(request));
  }

  /** Replies with the bytes if they fit, or with their number if the request offers no room. */
  private static void sized(Reply reply, byte[] bytes, int room) {
    if (room == 0) {
      GetxattrOut.put(reply.content(), 0, bytes.length);
      reply.send(GetxattrOut.SIZEOF);
    } else if (bytes.length > room) {
      reply.error(Errno.ERANGE);
    } else {
      Answers.bytes(reply, bytes);
    }
  }

  void setXattr(Request request, Reply reply) throws ErrnoException {
    int size = SetxattrIn.size(request);
    int at = request.offsetAfterStrings(1);
    if (size < 0 || size > request.payloadSize() - at) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    boolean killSetgid =
        request.opSize() >= SetxattrIn.SIZEOF
            && (SetxattrIn.setxattrFlags(request) & SetxattrIn.FUSE_SETXATTR_ACL_KILL_SGID) != 0;
    union.setXattr(
        request.nodeId(),
        request.string(0),
        request.payloadBytes(at, size),
        SetxattrIn.flags(request),
        killSetgid,
        Answers.caller(request, 0));
    reply.empty();
  }

  void removeXattr(Request request, Reply reply) throws ErrnoException {
    union.removeXattr(request.nodeId(), request.string(0), Answers.changer(request));
    reply.empty();
  }
}
