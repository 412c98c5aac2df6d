package plyfs.daemon;

import plyfs.fuse.Reply;
import plyfs.fuse.Request;
import plyfs.fuse.abi.LinkIn;
import plyfs.fuse.abi.MkdirIn;
import plyfs.fuse.abi.MknodIn;
import plyfs.fuse.abi.Rename2In;
import plyfs.fuse.abi.RenameIn;
import plyfs.sys.ErrnoException;
import plyfs.union.UnionFs;
import plyfs.union.api.NodeView;

/** Requests about names: lookup, create, link, remove, rename. */
final class NameRequests {
  private final UnionFs union;
  private final Answers answers;

  NameRequests(UnionFs union, Answers answers) {
    this.union = union;
    this.answers = answers;
  }

  void lookup(Request request, Reply reply) throws ErrnoException {
    NodeView view = WorkerMemory.get().view;
    union.lookup(request.nodeId(), request.name(0), view);
    if (view.nodeId() == 0) {
      answers.miss(reply);
    } else {
      answers.entry(reply, view);
    }
  }

  void makeNode(Request request, Reply reply) throws ErrnoException {
    NodeView view = WorkerMemory.get().view;
    union.makeNode(
        request.nodeId(),
        request.name(0),
        MknodIn.mode(request),
        MknodIn.rdev(request),
        Answers.caller(request, MknodIn.umask(request)),
        view);
    answers.entry(reply, view);
  }

  void makeDirectory(Request request, Reply reply) throws ErrnoException {
    NodeView view = WorkerMemory.get().view;
    union.makeDirectory(
        request.nodeId(),
        request.name(0),
        MkdirIn.mode(request),
        Answers.caller(request, MkdirIn.umask(request)),
        view);
    answers.entry(reply, view);
  }

  void makeSymlink(Request request, Reply reply) throws ErrnoException {
    NodeView view = WorkerMemory.get().view;
    union.makeSymlink(
        request.nodeId(), request.name(0), request.string(1), Answers.caller(request, 0), view);
    answers.entry(reply, view);
  }

  void link(Request request, Reply reply) throws ErrnoException {
    NodeView view = WorkerMemory.get().view;
    union.link(
        LinkIn.oldnodeid(request),
        request.nodeId(),
        request.name(0),
        Answers.caller(request, 0),
        view);
    answers.entry(reply, view);
  }

  void unlink(Request request, Reply reply) throws ErrnoException {
    union.unlink(request.nodeId(), request.name(0), Answers.caller(request, 0));
    reply.empty();
  }

  void removeDirectory(Request request, Reply reply) throws ErrnoException {
    union.removeDirectory(request.nodeId(), request.name(0), Answers.caller(request, 0));
    reply.empty();
  }

  void rename(Request request, Reply reply) throws ErrnoException {
    move(request, reply, RenameIn.newdir(request), 0);
  }

  void renameWithFlags(Request request, Reply reply) throws ErrnoException {
    move(request, reply, Rename2In.newdir(request), Rename2In.flags(request));
  }

  private void move(Request request, Reply reply, long newParent, int flags) throws ErrnoException {
    union.rename(
        request.nodeId(),
        request.name(0),
        newParent,
        request.name(1),
        flags,
        Answers.caller(request, 0));
    reply.empty();
  }
}
