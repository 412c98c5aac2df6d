package plyfs.fuse;

import java.util.concurrent.atomic.AtomicInteger;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;

/** The connection of a session to the kernel, for one mount. */
interface Connection extends AutoCloseable {
  /**
   * Opens a request queue.
   *
   * @param limits sizes of requests and replies; {@link InitResult#BEFORE_INIT} at first
   */
  Channel open(InitResult limits) throws ErrnoException;

  /**
   * Opens the request queue of one CPU, if OVER_IO_URING was negotiated.
   *
   * @param cpu from 0
   * @param ringsOfCpu number of usable rings of this CPU; the rings decrement it themselves
   */
  Channel openRing(InitResult limits, int cpu, AtomicInteger ringsOfCpu);

  /**
   * Sends a notification. May wait until another request is answered.
   *
   * @param address of {@code struct fuse_out_header} and its content, {@code length} bytes
   * @return zero or more, or a negated error number
   */
  long send(long address, int length);

  /** As {@link plyfs.sys.FuseMount#lendBacking}. */
  int lendBacking(Fd file);

  /** As {@link plyfs.sys.FuseMount#endBacking}. */
  int endBacking(int id);

  /** Ends the mount at once, for all its users: {@link Channel#next} then returns null. */
  void abort();

  @Override
  void close();
}
