package plyfs.fuse;

import java.util.concurrent.atomic.AtomicInteger;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;

/** One mount as a session sees it: the kernel's end of the wire. */
interface Connection extends AutoCloseable {
  /**
   * Opens a queue of requests.
   *
   * @param limits how large requests and replies get, {@link InitResult#BEFORE_INIT} at first
   */
  Channel open(InitResult limits) throws ErrnoException;

  /**
   * Opens a queue of the requests of one CPU, where OVER_IO_URING was agreed on.
   *
   * @param cpu from 0
   * @param ringsOfCpu how many of the rings of this CPU can be used; they count it down themselves
   */
  Channel openRing(InitResult limits, int cpu, AtomicInteger ringsOfCpu);

  /**
   * Sends a notification. May wait until another request has been answered.
   *
   * @param address of {@code struct fuse_out_header} and what belongs to it, {@code length} bytes
   * @return zero or more, or a negated error number
   */
  long send(long address, int length);

  /** As {@link plyfs.sys.FuseMount#lendBacking}. */
  int lendBacking(Fd file);

  /** As {@link plyfs.sys.FuseMount#endBacking}. */
  int endBacking(int id);

  /** Ends the mount at once, for all: {@link Channel#next} then gives null. */
  void abort();

  @Override
  void close();
}
