package plyfs.daemon;

import java.nio.ByteBuffer;
import plyfs.fuse.Reply;
import plyfs.fuse.Request;
import plyfs.fuse.abi.Attr;
import plyfs.fuse.abi.AttrOut;
import plyfs.fuse.abi.EntryOut;
import plyfs.fuse.abi.OpenOut;
import plyfs.union.Caller;
import plyfs.union.NodeView;

/**
 * Answers that several operations give: entries, attributes, handles. Names and attributes are good
 * for a time of the mount's.
 */
final class Answers {
  private final long validNanos;
  private final boolean staticLinks;

  /**
   * Answers.
   *
   * @param validNanos how long the kernel may believe names, their absence and attributes, ns
   * @param staticLinks whether every directory is said to have one link
   */
  Answers(long validNanos, boolean staticLinks) {
    this.validNanos = validNanos;
    this.staticLinks = staticLinks;
  }

  static Caller caller(Request request, int umask) {
    return new Caller(request.uid(), request.gid(), umask, request.interrupted());
  }

  /** Who changes what exists. */
  static Caller changer(Request request) {
    return WorkerMemory.get().changer(request);
  }

  void entry(Reply reply, NodeView view) {
    putEntry(reply.content(), 0, view);
    reply.send(EntryOut.SIZEOF);
  }

  /** A name that is absent, which the kernel may remember. */
  void miss(Reply reply) {
    EntryOut.putMiss(reply.content(), 0, validNanos);
    reply.send(EntryOut.SIZEOF);
  }

  void putEntry(ByteBuffer content, int at, NodeView view) {
    EntryOut.put(content, at, view.nodeId(), validNanos, validNanos);
    Attr.put(content, at + EntryOut.ATTR, view.stat(), view.ino(), links(view));
  }

  /**
   * Attributes.
   *
   * @param asked by which id; if that is no longer the node's own, nobody would tell the kernel of
   *     changes under it, so that it must ask again
   */
  void attributes(Reply reply, NodeView view, long asked) {
    AttrOut.put(reply.content(), 0, asked == view.nodeId() ? validNanos : 0);
    Attr.put(reply.content(), AttrOut.ATTR, view.stat(), view.ino(), links(view));
    reply.send(AttrOut.SIZEOF);
  }

  /** Number of links to tell. */
  int links(NodeView view) {
    return staticLinks && view.stat().isDirectory() ? 1 : view.nlink();
  }

  long validNanos() {
    return validNanos;
  }

  /** {@code [fuse_entry_out][fuse_open_out]}, the answer to CREATE and TMPFILE. */
  void created(Reply reply, NodeView view, long handle, int openFlags, int backing) {
    putEntry(reply.content(), 0, view);
    OpenOut.put(reply.content(), EntryOut.SIZEOF, handle, openFlags, backing);
    reply.send(EntryOut.SIZEOF + OpenOut.SIZEOF);
  }

  static void opened(Reply reply, long handle, int openFlags, int backing) {
    OpenOut.put(reply.content(), 0, handle, openFlags, backing);
    reply.send(OpenOut.SIZEOF);
  }

  static void bytes(Reply reply, byte[] bytes) {
    reply.content().put(0, bytes);
    reply.send(bytes.length);
  }
}
