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
    return new Caller(request.uid(), request.gid(), umask, request.abandoned());
  }

  /** Who changes what exists. */
  static Caller changer(Request request) {
    return WorkerMemory.get().changer(request);
  }

  void entry(Reply reply, NodeView view) {
    putEntry(reply.words(), view);
    reply.sendWords(EntryOut.WORDS);
  }

  /** A name that is absent, which the kernel may remember. */
  void miss(Reply reply) {
    EntryOut.putMiss(reply.words(), 0, validNanos);
    reply.sendWords(EntryOut.WORDS);
  }

  /** Puts a {@link EntryOut} together. */
  void putEntry(long[] words, NodeView view) {
    EntryOut.put(words, 0, view.nodeId(), validNanos, validNanos);
    Attr.put(words, EntryOut.ATTR_WORD, view.stat(), view.ino(), links(view));
  }

  /**
   * Attributes.
   *
   * @param asked by which id; if that is no longer the node's own, nobody would tell the kernel of
   *     changes under it, so that it must ask again
   */
  void attributes(Reply reply, NodeView view, long asked) {
    AttrOut.put(reply.words(), 0, asked == view.nodeId() ? validNanos : 0);
    Attr.put(reply.words(), AttrOut.ATTR_WORD, view.stat(), view.ino(), links(view));
    reply.sendWords(AttrOut.WORDS);
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
