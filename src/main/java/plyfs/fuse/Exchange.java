package plyfs.fuse;

/** A request and the answer to it, in memory of the channel that made it. */
final class Exchange {
  private final Request request;
  private final Reply reply;
  private boolean isRefused;

  Exchange(Request request, Reply reply) {
    this.request = request;
    this.reply = reply;
  }

  /** A new request has come. */
  void open() {
    isRefused = false;
    reply.withdraw();
  }

  Request request() {
    return request;
  }

  Reply reply() {
    return reply;
  }

  void refuse() {
    isRefused = true;
  }

  /** Whether the kernel did not take the answer. */
  boolean isRefused() {
    return isRefused;
  }
}
