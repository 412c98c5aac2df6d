package plyfs.daemon;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import plyfs.fuse.Reply;
import plyfs.fuse.Request;
import plyfs.fuse.abi.IoctlIn;
import plyfs.fuse.abi.IoctlOut;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.FlagsForm;
import plyfs.union.UnionFs;

/**
 * The ioctls of chattr(1) and lsattr(1); every other ioctl gives ENOTTY. The kernel reads the old
 * flags and decides whether the caller may set a flag.
 *
 * @implNote Linux fs/fuse/ioctl.c, fuse_fileattr_get and fuse_fileattr_set
 */
final class IoctlRequests {
  private final UnionFs union;

  IoctlRequests(UnionFs union) {
    this.union = union;
  }

  void handle(Request request, Reply reply) throws ErrnoException {
    int command = IoctlIn.cmd(request);
    for (FlagsForm form : FlagsForm.values()) {
      if (command == form.getRequest()) {
        give(reply, union.getFlags(request.nodeId(), form), IoctlIn.outSize(request));
        return;
      }
      if (command == form.setRequest()) {
        byte[] value = request.payloadBytes(0, bytesOf(request, form));
        union.setFlags(request.nodeId(), form, value, Answers.caller(request, 0));
        give(reply, null, 0);
        return;
      }
    }
    reply.error(Errno.ENOTTY);
  }

  private static int bytesOf(Request request, FlagsForm form) throws ErrnoException {
    if (IoctlIn.inSize(request) < form.bytes() || request.payloadSize() < form.bytes()) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    return form.bytes();
  }

  /** Replies {@code [fuse_ioctl_out][value]} with exactly as many bytes as the kernel expects. */
  private static void give(Reply reply, byte @Nullable [] value, int room) throws ErrnoException {
    ByteBuffer content = reply.content();
    IoctlOut.put(content, 0, 0);
    int length = value == null ? 0 : value.length;
    if (room < length || room > reply.capacity() - IoctlOut.SIZEOF) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    for (int i = 0; i < room; i++) {
      content.put(IoctlOut.SIZEOF + i, value != null && i < length ? value[i] : 0);
    }
    reply.send(IoctlOut.SIZEOF + room);
  }
}
