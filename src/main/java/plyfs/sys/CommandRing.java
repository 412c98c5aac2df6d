package plyfs.sys;

import java.nio.ByteBuffer;

/**
 * A queue of commands to a device, and a queue of their results, both shared with the kernel. Used
 * by one thread.
 */
public interface CommandRing extends AutoCloseable {
  /** Creates a ring, in the thread that will use it. */
  interface Maker {
    /**
     * Creates it.
     *
     * @throws ErrnoException as {@link IoUring#IoUring(int)}
     */
    CommandRing make() throws ErrnoException;
  }

  /**
   * Adds a command, which the next {@link #submit} or {@link #enter} submits.
   *
   * @param device the device
   * @param command number of the command
   * @param address address of its argument, or 0
   * @param length length of the argument, in units of the command
   * @return offset in {@link #submissions} of the command's own 80 bytes, which are zero
   */
  int add(Fd device, int command, long address, int length);

  /** The memory of submissions. */
  ByteBuffer submissions();

  /**
   * Submits the added commands without waiting.
   *
   * @return 0, or a negated error number; after EINTR, EAGAIN and EBUSY the call can be repeated
   */
  int submit();

  /**
   * Submits the added commands and waits for a result.
   *
   * @return as {@link #submit}
   */
  int enter();

  /** Takes the next result for {@link #result}; false if there is none. */
  boolean takeCompletion();

  /** The result taken last: zero or more, or a negated error number. */
  int result();

  /** Ends the ring and the submitted commands. No other thread may use it any more. */
  @Override
  void close();
}
