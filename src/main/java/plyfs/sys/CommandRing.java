package plyfs.sys;

import java.nio.ByteBuffer;

/**
 * A queue of commands to a device and one of their results, both shared with the kernel; used by
 * one thread.
 */
public interface CommandRing extends AutoCloseable {
  /** Makes a ring, in the thread that will use it. */
  interface Maker {
    /**
     * Makes it.
     *
     * @throws ErrnoException as {@link IoUring#IoUring(int)}
     */
    CommandRing make() throws ErrnoException;
  }

  /**
   * Adds a command, to be submitted by the next {@link #submit} or {@link #enter}.
   *
   * @param device what it is for
   * @param command of the device
   * @param address of what it points to, or 0
   * @param length of that, in its own units
   * @return where the command's own 80 bytes begin in {@link #submissions}; they are zero
   */
  int add(Fd device, int command, long address, int length);

  /** The memory of submissions. */
  ByteBuffer submissions();

  /**
   * Submits what was added, and waits for nothing.
   *
   * @return 0, or a negated error number: EINTR, EAGAIN, EBUSY, after which it can be repeated
   */
  int submit();

  /**
   * Submits what was added and waits for a result.
   *
   * @return as {@link #submit}
   */
  int enter();

  /** Takes the next result, which {@link #result} gives then; false if there is none. */
  boolean takeCompletion();

  /** The result that was taken last: zero or more, or a negated error number. */
  int result();

  /** Ends the ring and what was submitted to it. No other thread may use it any more. */
  @Override
  void close();
}
