package plyfs.union;

import org.junit.jupiter.api.Test;
import plyfs.sys.Errno;

/** Faults in a mount with an index over layers in memory. */
final class IndexFaultInMemoryTest extends IndexFaultTest {
  @Override
  boolean onHost() {
    return false;
  }

  /** SEMANTICS 4.41. */
  @Test
  void unreadableLayer_isEio_andALaterTryWorks() throws Exception {
    eachReadFails(Errno.EIO);
  }
}
