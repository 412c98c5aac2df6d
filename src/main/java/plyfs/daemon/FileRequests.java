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
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Linux;
import plyfs.union.Caller;
import plyfs.union.NodeView;
import plyfs.union.UnionFs;

/**
 * Requests about open files. Data goes from the file to the answer and from the request to the file
 * without a copy in between.
 */
final class FileRequests {
  /**
   * Largest result of a plain COPY_FILE_RANGE, whose answer has 32 bits; a multiple of every page
   * size.
   */
  private static final long MAX_COPY_BYTES = 0x7ff00000L;

  private final UnionFs union;
  private final Answers answers;

  FileRequests(UnionFs union, Answers answers) {
    this.union = union;
    this.answers = answers;
  }

  void open(Request request, Reply reply) throws ErrnoException {
    boolean killSuidgid = (OpenIn.openFlags(request) & OpenIn.FUSE_OPEN_KILL_SUIDGID) != 0;
    long handle =
        union.open(request.nodeId(), OpenIn.flags(request), killSuidgid, Answers.changer(request));
    Answers.opened(reply, handle, OpenPolicy.forFile());
  }

  void create(Request request, Reply reply) throws ErrnoException {
    NodeView view = WorkerMemory.get().view;
    Caller caller = Answers.caller(request, CreateIn.umask(request));
    long handle =
        union.create(request.nodeId(), request.name(0), CreateIn.mode(request), caller, view);
    answers.created(reply, view, handle);
  }

  void createNameless(Request request, Reply reply) throws ErrnoException {
    NodeView view = WorkerMemory.get().view;
    Caller caller = Answers.caller(request, CreateIn.umask(request));
    long handle = union.createNameless(request.nodeId(), CreateIn.mode(request), caller, view);
    answers.created(reply, view, handle);
  }

  void read(Request request, Reply reply) throws ErrnoException {
    int size = Math.min(ReadIn.size(request), reply.capacity());
    reply.send(
        union.read(ReadIn.fh(request), reply.contentAddress(), size, ReadIn.offset(request)));
  }

  void write(Request request, Reply reply) throws ErrnoException {
    int size = WriteIn.size(request);
    if (size < 0 || size > request.payloadSize()) {
      throw ErrnoException.of(Errno.EIO);
    }
    boolean killSuidgid = (WriteIn.writeFlags(request) & WriteIn.FUSE_WRITE_KILL_SUIDGID) != 0;
    int written =
        union.write(
            WriteIn.fh(request),
            request.payloadAddress(),
            size,
            WriteIn.offset(request),
            WriteIn.flags(request) & Linux.O_SYNC,
            killSuidgid ? Answers.changer(request) : null);
    WriteOut.put(reply.content(), 0, written);
    reply.send(WriteOut.SIZEOF);
  }

  void release(Request request, Reply reply) {
    union.release(ReleaseIn.fh(request));
    reply.empty();
  }

  void sync(Request request, Reply reply) throws ErrnoException {
    boolean dataOnly = (FsyncIn.fsyncFlags(request) & FsyncIn.FUSE_FSYNC_FDATASYNC) != 0;
    union.sync(FsyncIn.fh(request), dataOnly);
    reply.empty();
  }

  /**
   * Takes setuid and setgid away for the requests that have no flag for it: a write of nothing does
   * what a longer one does.
   */
  private void dropPrivileges(Request request, long handle) throws ErrnoException {
    if (!ProcessGroups.keepsSetuid(request.pid())) {
      union.write(handle, request.payloadAddress(), 0, 0, 0, Answers.changer(request));
    }
  }

  void allocate(Request request, Reply reply) throws ErrnoException {
    dropPrivileges(request, FallocateIn.fh(request));
    union.allocate(
        FallocateIn.fh(request),
        FallocateIn.mode(request),
        FallocateIn.offset(request),
        FallocateIn.length(request));
    reply.empty();
  }

  void seek(Request request, Reply reply) throws ErrnoException {
    int whence = LseekIn.whence(request);
    if (whence != Linux.SEEK_DATA && whence != Linux.SEEK_HOLE) {
      throw ErrnoException.of(Errno.EINVAL);
    }
    LseekOut.put(
        reply.content(), 0, union.seek(LseekIn.fh(request), LseekIn.offset(request), whence));
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

  /** What the file systems below cannot do, the kernel does by reading and writing. */
  private long copy(Request request, long length) throws ErrnoException {
    dropPrivileges(request, CopyFileRangeIn.fhOut(request));
    try {
      return union.copyRange(
          CopyFileRangeIn.fhIn(request),
          CopyFileRangeIn.offIn(request),
          CopyFileRangeIn.fhOut(request),
          CopyFileRangeIn.offOut(request),
          length);
    } catch (ErrnoException e) {
      throw e.errno() == Errno.EXDEV ? ErrnoException.of(Errno.EOPNOTSUPP) : e;
    }
  }
}
