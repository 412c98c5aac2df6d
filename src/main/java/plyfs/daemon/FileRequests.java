package plyfs.daemon;

import java.nio.ByteBuffer;
import plyfs.fuse.Reply;
import plyfs.fuse.Request;
import plyfs.fuse.abi.CopyFileRangeIn;
import plyfs.fuse.abi.CopyFileRangeOut;
import plyfs.fuse.abi.CreateIn;
import plyfs.fuse.abi.FallocateIn;
import plyfs.fuse.abi.FsyncIn;
import plyfs.fuse.abi.LseekIn;
import plyfs.fuse.abi.LseekOut;
import plyfs.fuse.abi.OpenIn;
import plyfs.fuse.abi.ReadIn;
import plyfs.fuse.abi.ReleaseIn;
import plyfs.fuse.abi.WriteIn;
import plyfs.fuse.abi.WriteOut;
import plyfs.options.OpenPolicy;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.union.UnionFs;
import plyfs.union.api.Caller;
import plyfs.union.api.NodeView;

/**
 * Requests about open files. File data moves directly between the file and the request or reply
 * buffer, without an intermediate copy.
 */
final class FileRequests {
  /**
   * Largest result of a plain COPY_FILE_RANGE, whose reply has 32 bits; a multiple of every page
   * size.
   */
  private static final long MAX_COPY_BYTES = 0x7ff00000L;

  private final UnionFs union;
  private final Answers answers;
  private final OpenPolicy policy;

  FileRequests(UnionFs union, Answers answers, OpenPolicy policy) {
    this.union = union;
    this.answers = answers;
    this.policy = policy;
  }

  /** The file of a request: by its handle, or by its node if the request has no handle. */
  private static long file(long handle, long node) {
    return handle != 0 ? handle : node;
  }

  void open(Request request, Reply reply) throws ErrnoException {
    if (!policy.hasHandles()) {
      reply.error(Errno.ENOSYS); // the kernel does not ask again
      return;
    }
    boolean killSuidgid = (OpenIn.openFlags(request) & OpenIn.FUSE_OPEN_KILL_SUIDGID) != 0;
    long handle =
        union.open(request.nodeId(), OpenIn.flags(request), killSuidgid, Answers.changer(request));
    int backing = backing(handle);
    Answers.opened(reply, handle, OpenFlags.ofFile(policy, backing != 0), backing);
  }

  /** Id of the backing file that the kernel uses for the open; 0 for none. */
  private int backing(long handle) throws ErrnoException {
    return policy.isPassthrough() ? union.lend(handle) : 0;
  }

  void create(Request request, Reply reply) throws ErrnoException {
    if (!policy.hasHandles()) {
      reply.error(Errno.ENOSYS); // the kernel sends MKNOD instead from now on
      return;
    }
    NodeView view = WorkerMemory.get().view;
    Caller caller = Answers.caller(request, CreateIn.umask(request));
    long handle =
        union.create(request.nodeId(), request.name(0), CreateIn.mode(request), caller, view);
    int backing = backing(handle);
    answers.created(reply, view, handle, OpenFlags.ofFile(policy, backing != 0), backing);
  }

  void createNameless(Request request, Reply reply) throws ErrnoException {
    NodeView view = WorkerMemory.get().view;
    Caller caller = Answers.caller(request, CreateIn.umask(request));
    long handle = union.createNameless(request.nodeId(), CreateIn.mode(request), caller, view);
    if (!policy.hasHandles()) {
      union.release(handle); // the kernel would send no RELEASE
      handle = 0;
    }
    int backing = backing(handle);
    answers.created(reply, view, handle, OpenFlags.ofFile(policy, backing != 0), backing);
  }

  void read(Request request, Reply reply) throws ErrnoException {
    long file = file(ReadIn.fh(request), request.nodeId());
    int size = Math.min(ReadIn.size(request), reply.capacity());
    reply.send(union.read(file, reply.contentAddress(), size, ReadIn.offset(request)));
  }

  void write(Request request, Reply reply) throws ErrnoException {
    int size = WriteIn.size(request);
    if (size < 0 || size > request.payloadSize()) {
      throw ErrnoException.of(Errno.EIO);
    }
    boolean killSuidgid = (WriteIn.writeFlags(request) & WriteIn.FUSE_WRITE_KILL_SUIDGID) != 0;
    int written =
        union.write(
            file(WriteIn.fh(request), request.nodeId()),
            request.payloadAddress(),
            size,
            WriteIn.offset(request),
            WriteIn.flags(request),
            killSuidgid,
            killSuidgid ? Answers.changer(request) : WorkerMemory.get().waiter(request));
    WriteOut.put(reply.content(), 0, written);
    reply.send(WriteOut.SIZEOF);
  }

  void release(Request request, Reply reply) {
    union.release(ReleaseIn.fh(request));
    reply.empty();
  }

  void sync(Request request, Reply reply) throws ErrnoException {
    boolean dataOnly = (FsyncIn.fsyncFlags(request) & FsyncIn.FUSE_FSYNC_FDATASYNC) != 0;
    union.sync(file(FsyncIn.fh(request), request.nodeId()), dataOnly);
    reply.empty();
  }

  /** Whether to clear setuid and setgid, for requests that have no flag for it. */
  private static boolean killsSuidgid(Request request) {
    return !ProcessGroups.keepsSetuid(request.pid());
  }

  void allocate(Request request, Reply reply) throws ErrnoException {
    union.allocate(
        file(FallocateIn.fh(request), request.nodeId()),
        FallocateIn.mode(request),
        FallocateIn.offset(request),
        FallocateIn.length(request),
        killsSuidgid(request),
        Answers.changer(request));
    reply.empty();
  }

  void seek(Request request, Reply reply) throws ErrnoException {
    int whence = LseekIn.whence(request);
    if (whence != Linux.SEEK_DATA && whence != Linux.SEEK_HOLE) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    long file = file(LseekIn.fh(request), request.nodeId());
    LseekOut.put(reply.content(), 0, union.seek(file, LseekIn.offset(request), whence));
    reply.send(LseekOut.SIZEOF);
  }

  void copyRange(Request request, Reply reply) throws ErrnoException {
    WriteOut.put(
        reply.content(),
        0,
        (int) copy(request, Math.min(CopyFileRangeIn.len(request), MAX_COPY_BYTES)));
    reply.send(WriteOut.SIZEOF);
  }

  void copyRange64(Request request, Reply reply) throws ErrnoException {
    ByteBuffer content = reply.content();
    CopyFileRangeOut.put(content, 0, copy(request, CopyFileRangeIn.len(request)));
    reply.send(CopyFileRangeOut.SIZEOF);
  }

  /**
   * Copies a range of a file. If the lower file systems do not support this, the kernel falls back
   * to reading and writing.
   */
  private long copy(Request request, long length) throws ErrnoException {
    try {
      return union.copyRange(
          file(CopyFileRangeIn.fhIn(request), request.nodeId()),
          CopyFileRangeIn.offIn(request),
          file(CopyFileRangeIn.fhOut(request), CopyFileRangeIn.nodeidOut(request)),
          CopyFileRangeIn.offOut(request),
          length,
          killsSuidgid(request),
          Answers.changer(request));
    } catch (ErrnoException e) {
      throw e.errno() == Errno.EXDEV ? ErrnoException.of(Errno.EOPNOTSUPP) : e;
    }
  }
}
