package plyfs.union;

import org.junit.jupiter.api.Test;
import plyfs.sys.Errno;

/** The same over layers in memory: no root needed. */
final class MetacopyFaultInMemoryTest extends MetacopyFaultTest {
  @Override
  boolean onHost() {
    return false;
  }

  @Test
  void inputOutputErrorAtAnyCall_leavesTheOldStateOrTheNewOne() throws Exception {
    eachCallFails(Errno.EIO);
  }

  /** SEMANTICS 4.41. */
  @Test
  void unreadableLayer_isEio_andALaterTryWorks() throws Exception {
    eachReadFails(Errno.EIO);
  }
}
