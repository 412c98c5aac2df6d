package plyfs.union;

import org.junit.jupiter.api.Test;
import plyfs.sys.Errno;

/** Faults over layers in memory: quick, so more kinds of them. */
final class FaultInMemoryTest extends FaultTest {
  @Override
  boolean onHost() {
    return false;
  }

  @Test
  void inputOutputErrorAtAnyCall_leavesTheOldStateOrTheNewOne() throws Exception {
    eachCallFails(Errno.EIO);
  }

  @Test
  void interruptAtAnyCall_leavesTheOldStateOrTheNewOne() throws Exception {
    eachCallFails(Errno.EINTR);
  }

  /** SEMANTICS 4.41. */
  @Test
  void unreadableLayer_isEio_andALaterTryWorks() throws Exception {
    eachReadFails(Errno.EIO);
  }
}
