package plyfs.daemon;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import plyfs.fuse.BackingFiles;
import plyfs.fuse.Notifier;
import plyfs.fuse.Reply;
import plyfs.fuse.Request;
import plyfs.fuse.RequestHandler;
import plyfs.fuse.abi.BatchForgetIn;
import plyfs.fuse.abi.Dirent;
import plyfs.fuse.abi.Direntplus;
import plyfs.fuse.abi.EntryOut;
import plyfs.fuse.abi.ForgetIn;
import plyfs.fuse.abi.ForgetOne;
import plyfs.fuse.abi.OpenOut;
import plyfs.options.EngineOptions;
import plyfs.options.OpenPolicy;
import plyfs.options.SessionOptions;
import plyfs.sys.Errno;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Loggers;
import plyfs.union.UnionFs;
import plyfs.union.api.FileLending;

/**
 * Connects the FUSE protocol and the union: maps each opcode to an operation of the engine. An
 * error of the engine becomes the error number of the reply.
 */
public final class UnionHandler implements RequestHandler {
  private static final int MOST_TRIES_FOR_SPACE = 20;
  private static final Logger LOG = Loggers.named("plyfs.daemon");

  private final UnionFs union;
  private final KernelCaches caches;
  private final NameRequests names;
  private final AttributeRequests attributes;
  private final FileRequests files;
  private final DirectoryRequests directories;
  private final IoctlRequests ioctls;
  private final boolean logsRequests;
  private final boolean xattrs;
  private final boolean lendsLowers;

  /**
   * A handler for a mount with these options.
   *
   * @param caches the listener of the union
   */
  UnionHandler(UnionFs union, EngineOptions engine, SessionOptions session, KernelCaches caches) {
    this.union = union;
    this.caches = caches;
    this.logsRequests = session.debug();
    this.xattrs = engine.xattrs();
    if (session.writeback()) {
      union.callerKeepsMtimes();
    }
    this.lendsLowers = session.open() == OpenPolicy.PASSTHROUGH_ALL;
    Answers answers = new Answers(nanosOf(engine.timeout()), engine.staticLinks());
    this.names = new NameRequests(union, answers);
    this.attributes = new AttributeRequests(union, answers);
    this.files = new FileRequests(union, answers, session.open());
    this.directories = new DirectoryRequests(union, answers);
    this.ioctls = new IoctlRequests(union);
  }

  @Override
  public void start(Notifier notifier, BackingFiles backing) {
    caches.connect(notifier);
    union.lendTo(
        new FileLending() {
          @Override
          public int lend(Fd file) {
            return backing.lend(file);
          }

          @Override
          public void end(int id) {
            backing.end(id);
          }
        },
        lendsLowers);
  }

  private static long nanosOf(Duration time) {
    return TimeUnit.SECONDS.toNanos(time.toSeconds()) + time.toNanosPart();
  }

  @Override
  public void handle(Request request, Reply reply) {
    try {
      dispatchWhileSpaceMayCome(request, reply);
    } catch (ErrnoException e) {
      reply.error(errnoFor(e.errno()));
    }
    if (logsRequests) {
      LOG.log(
          Level.INFO,
          "{0} node {1} pid {2}: {3}",
          request.opcode(),
          Long.toString(request.nodeId()),
          Integer.toString(request.pid()),
          reply.isError() ? Errno.name(reply.errno()) : reply.length() + " bytes");
    }
  }

  /**
   * Dispatches a request, and repeats it if space runs out and more space may come. A second try
   * makes the same changes.
   */
  private void dispatchWhileSpaceMayCome(Request request, Reply reply) throws ErrnoException {
    for (int tries = 1; ; tries++) {
      try {
        dispatch(request, reply);
        return;
      } catch (ErrnoException e) {
        boolean isFull = e.errno() == Errno.ENOSPC || e.errno() == Errno.EDQUOT;
        if (!isFull || tries == MOST_TRIES_FOR_SPACE || !union.awaitSpace()) {
          throw e;
        }
      }
    }
  }

  /**
   * Replaces ENOSYS of a layer by EOPNOTSUPP, because ENOSYS would disable the operation for the
   * whole mount.
   */
  private static int errnoFor(int errno) {
    return errno == Errno.ENOSYS ? Errno.EOPNOTSUPP : errno;
  }

  private void dispatch(Request request, Reply reply) throws ErrnoException {
    switch (request.opcode()) {
      case LOOKUP -> names.lookup(request, reply);
      case FORGET -> union.forget(request.nodeId(), ForgetIn.nlookup(request));
      case BATCH_FORGET -> forgetMany(request);
      case GETATTR -> attributes.get(request, reply);
      case SETATTR -> attributes.set(request, reply);
      case STATX -> attributes.statx(request, reply);
      case READLINK -> Answers.bytes(reply, union.readLink(request.nodeId()));
      case MKNOD -> names.makeNode(request, reply);
      case MKDIR -> names.makeDirectory(request, reply);
      case SYMLINK -> names.makeSymlink(request, reply);
      case LINK -> names.link(request, reply);
      case UNLINK -> names.unlink(request, reply);
      case RMDIR -> names.removeDirectory(request, reply);
      case RENAME -> names.rename(request, reply);
      case RENAME2 -> names.renameWithFlags(request, reply);
      case OPEN -> files.open(request, reply);
      case CREATE -> files.create(request, reply);
      case TMPFILE -> files.createNameless(request, reply);
      case READ -> files.read(request, reply);
      case WRITE -> files.write(request, reply);
      case RELEASE -> files.release(request, reply);
      case FSYNC -> files.sync(request, reply);
      case FALLOCATE -> files.allocate(request, reply);
      case LSEEK -> files.seek(request, reply);
      case COPY_FILE_RANGE -> files.copyRange(request, reply);
      case COPY_FILE_RANGE_64 -> files.copyRange64(request, reply);
      case OPENDIR -> DirectoryRequests.open(reply);
      case RELEASEDIR -> reply.empty();
      case READDIR -> directories.read(request, reply);
      case READDIRPLUS -> directories.readPlus(request, reply);
      case FSYNCDIR -> directories.sync(request, reply);
      case GETXATTR, LISTXATTR, SETXATTR, REMOVEXATTR -> xattr(request, reply);
      case STATFS -> attributes.statFs(reply);
      case IOCTL -> ioctls.handle(request, reply);
      // ENOSYS on purpose: the kernel then handles these itself, or skips them, and does not ask
      // again.
      case FLUSH, ACCESS, BMAP, POLL, GETLK, SETLK, SETLKW, SYNCFS -> reply.error(Errno.ENOSYS);
      case INIT, DESTROY, INTERRUPT ->
          throw new IllegalStateException("the session's own: " + request.opcode());
    }
  }

  /** After ENOSYS the kernel replies EOPNOTSUPP itself. */
  private void xattr(Request request, Reply reply) throws ErrnoException {
    if (!xattrs) {
      reply.error(Errno.ENOSYS);
      return;
    }
    switch (request.opcode()) {
      case GETXATTR -> attributes.getXattr(request, reply);
      case LISTXATTR -> attributes.listXattrs(request, reply);
      case SETXATTR -> attributes.setXattr(request, reply);
      case REMOVEXATTR -> attributes.removeXattr(request, reply);
      default -> throw new IllegalStateException("no xattr: " + request.opcode());
    }
  }

  private void forgetMany(Request request) {
    int count = Math.min(BatchForgetIn.count(request), request.payloadSize() / ForgetOne.SIZEOF);
    for (int i = 0; i < count; i++) {
      union.forget(ForgetOne.nodeid(request, i), ForgetOne.nlookup(request, i));
    }
  }

  @Override
  public void takeBack(Request request, Reply reply) {
    if (reply.isError()) {
      return;
    }
    switch (request.opcode()) {
      case LOOKUP, MKNOD, MKDIR, SYMLINK, LINK -> forgetEntry(reply, 0);
      case CREATE, TMPFILE -> {
        forgetEntry(reply, 0);
        union.release(reply.content().getLong(EntryOut.SIZEOF + OpenOut.FH));
      }
      case OPEN -> union.release(reply.content().getLong(OpenOut.FH));
      case READDIRPLUS -> forgetListed(reply);
      default -> {
        // gave out no reference
      }
    }
  }

  private void forgetEntry(Reply reply, int at) {
    long node = reply.content().getLong(at + EntryOut.NODEID);
    if (node != 0) {
      union.forget(node, 1);
    }
  }

  private void forgetListed(Reply reply) {
    int at = 0;
    while (at < reply.length()) {
      int nameBytes = reply.content().getInt(at + Direntplus.DIRENT + Dirent.NAMELEN);
      forgetEntry(reply, at);
      at += Direntplus.recordBytes(nameBytes);
    }
  }
}
