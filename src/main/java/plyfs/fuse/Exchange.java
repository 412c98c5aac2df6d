package plyfs.fuse;

/** A request and its reply, in memory of the channel. */
final class Exchange {
  private final Request request;
  private final Reply reply;
  private boolean isRefused;

  Exchange(Request request, Reply reply) {
    this.request = request;
    this.reply = reply;
  }

  /** Begins a new request. */
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

  /** Whether the kernel did not accept the reply. */
  boolean isRefused() {
    return isRefused;
  }
}
