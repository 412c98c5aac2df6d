package plyfs.union;

import java.util.Set;
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
  void unreadableLowerLayer_isEio_andALaterTryWorks() throws Exception {
    eachReadOfALowerLayerFails(
        Errno.EIO,
        Set.of("chmod of a link", "link to a link", "unlink of a lower name of an indexed one"));
  }
}
