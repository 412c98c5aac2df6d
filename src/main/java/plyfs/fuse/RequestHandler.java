package plyfs.fuse;

/**
 * Handles requests. All workers of a session call it concurrently; each worker handles one request
 * at a time.
 */
public interface RequestHandler {
  /**
   * Called once, before the first request.
   *
   * @param notifier sends notices
   * @param backing lends files to the kernel
   */
  default void start(Notifier notifier, BackingFiles backing) {}

  /**
   * Replies to one request, exactly once, before it returns; requests with {@link
   * Opcode#hasNoReply} get no reply. INIT, INTERRUPT and DESTROY never come here.
   *
   * <p>The reply leaves after the return. From then on neither {@code request}, {@code reply} nor
   * an address from them may be used.
   */
  void handle(Request request, Reply reply);

  /**
   * Undoes the references that a reply gave out. The kernel did not accept the reply, because its
   * caller is gone, and will send neither FORGET nor RELEASE for it.
   *
   * @param reply as {@link #handle} filled it, with its content
   */
  void takeBack(Request request, Reply reply);
}
