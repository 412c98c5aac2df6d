package plyfs.fuse;

/**
 * Answers requests. Called by all workers of a session at once, and by one worker for one request
 * at a time.
 */
public interface RequestHandler {
  /**
   * Is called once, before the first request.
   *
   * @param notifier by this notices can be sent
   * @param backing by this files can be lent to the kernel
   */
  default void start(Notifier notifier, BackingFiles backing) {}

  /**
   * Answers one request, exactly once, before it returns; {@link Opcode#hasNoReply} ones not at
   * all. INIT, INTERRUPT and DESTROY do not come here.
   *
   * <p>The answer leaves after the return. Neither {@code request}, {@code reply} nor an address
   * taken from them may be used after it.
   */
  void handle(Request request, Reply reply);

  /**
   * Undoes what an answer gave out: the kernel no longer wanted it, because its caller is gone. No
   * FORGET and no RELEASE will come for it.
   *
   * @param reply as {@link #handle} answered it, its content still there
   */
  void takeBack(Request request, Reply reply);
}
