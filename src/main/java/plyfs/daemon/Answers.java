package plyfs.daemon;

import plyfs.fuse.Reply;
import plyfs.fuse.Request;
import plyfs.fuse.abi.Attr;
import plyfs.fuse.abi.AttrOut;
import plyfs.fuse.abi.EntryOut;
import plyfs.fuse.abi.OpenOut;
import plyfs.union.api.Caller;
import plyfs.union.api.NodeView;

/**
 * Replies that several operations share: entries, attributes, handles. The mount's timeout limits
 * how long the kernel caches names and attributes.
 */
final class Answers {
  private final long validNanos;
  private final boolean staticLinks;

  /**
   * Replies with the timeout and the link count of a mount.
   *
   * @param validNanos how long the kernel may cache names, their absence and attributes, ns
   * @param staticLinks whether st_nlink of every directory is 1
   */
  Answers(long validNanos, boolean staticLinks) {
    this.validNanos = validNanos;
    this.staticLinks = staticLinks;
  }

  static Caller caller(Request request, int umask) {
    return new Caller(request.uid(), request.gid(), umask, request.abandoned());
  }

  /** The caller of an operation that changes an existing object. */
  static Caller changer(Request request) {
    return WorkerMemory.get().changer(request);
  }

  void entry(Reply reply, NodeView view) {
    putEntry(reply.words(), view);
    reply.sendWords(EntryOut.WORDS);
  }

  /** Replies that a name does not exist. The kernel may cache this. */
  void miss(Reply reply) {
    EntryOut.putMiss(reply.words(), 0, validNanos);
    reply.sendWords(EntryOut.WORDS);
  }

  /** Fills an {@link EntryOut}. */
  void putEntry(long[] words, NodeView view) {
    EntryOut.put(words, 0, view.nodeId(), validNanos, validNanos);
    Attr.put(words, EntryOut.ATTR_WORD, view.stat(), view.ino(), links(view));
  }

  /**
   * Replies with attributes.
   *
   * @param asked the node id of the request. If the node has another id now, no notice can reach
   *     the kernel under the old one, so the kernel may not cache the attributes
   */
  void attributes(Reply reply, NodeView view, long asked) {
    AttrOut.put(reply.words(), 0, asked == view.nodeId() ? validNanos : 0);
    Attr.put(reply.words(), AttrOut.ATTR_WORD, view.stat(), view.ino(), links(view));
    reply.sendWords(AttrOut.WORDS);
  }

  /** The st_nlink to report. */
  int links(NodeView view) {
    return staticLinks && view.stat().isDirectory() ? 1 : view.nlink();
  }

  long validNanos() {
    return validNanos;
  }

  /** {@code [fuse_entry_out][fuse_open_out]}, the answer to CREATE and TMPFILE. */
  void created(Reply reply, NodeView view, long handle, int openFlags, int backing) {
    putEntry(reply.words(), view);
    OpenOut.put(reply.words(), EntryOut.WORDS, handle, openFlags, backing);
    reply.sendWords(EntryOut.WORDS + OpenOut.WORDS);
  }

  static void opened(Reply reply, long handle, int openFlags, int backing) {
    OpenOut.put(reply.words(), 0, handle, openFlags, backing);
    reply.sendWords(OpenOut.WORDS);
  }

  static void bytes(Reply reply, byte[] bytes) {
    reply.content().put(0, bytes);
    reply.send(bytes.length);
  }
}
