package plyfs.fuse;

import org.jspecify.annotations.Nullable;
import plyfs.sys.ErrnoException;

/**
 * The request queue of one worker. The channel owns all buffers; a worker borrows an exchange from
 * {@link #next} to {@link #complete}. Used by one thread.
 */
interface Channel extends AutoCloseable {
  /**
   * Waits for a request.
   *
   * @return null when the mount has ended. If {@link Exchange#isRefused}, this is the previous
   *     exchange again: its reply left with this call, and the kernel did not accept it
   * @throws ErrnoException if the channel is no longer usable
   */
  @Nullable Exchange next() throws ErrnoException;

  /**
   * Returns the finished exchange. Its reply, if there is one, leaves now or with the following
   * {@link #next}. If it has left and the kernel no longer wanted it, {@link Exchange#isRefused} is
   * true until then, and the request and the reply stay readable.
   */
  void complete(Exchange exchange);

  /**
   * Whether the mount can continue without this channel after {@link #next} has thrown: requests
   * take another way, and no caller waits for a reply through it.
   */
  default boolean isDispensable() {
    return false;
  }

  @Override
  void close();
}
