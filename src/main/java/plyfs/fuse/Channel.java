package plyfs.fuse;

import org.jspecify.annotations.Nullable;
import plyfs.sys.ErrnoException;

/**
 * One worker's queue of requests. The channel owns every buffer; a worker borrows an exchange from
 * {@link #next} to {@link #complete}. Belongs to one thread.
 */
interface Channel extends AutoCloseable {
  /**
   * Waits for a request.
   *
   * @return null when the mount is gone. An exchange that {@link Exchange#isRefused} is the last
   *     one again: its answer left with this call, and the kernel did not take it
   * @throws ErrnoException if the channel can go on no more
   */
  @Nullable Exchange next() throws ErrnoException;

  /**
   * Gives the finished exchange back. Its reply, if done, may leave at once or with the following
   * {@link #next}. If it left and the kernel no longer wanted it, {@link Exchange#isRefused} says
   * so until then, and request and reply can still be read.
   */
  void complete(Exchange exchange);

  /**
   * Whether the mount can go on without this channel after {@link #next} has thrown: its requests
   * take another way, and nobody waits for an answer through it.
   */
  default boolean isDispensable() {
    return false;
  }

  @Override
  void close();
}
