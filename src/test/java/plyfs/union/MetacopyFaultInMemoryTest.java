package plyfs.union;

import java.util.Set;
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
  void unreadableLowerLayer_isEio_andALaterTryWorks() throws Exception {
    eachReadOfALowerLayerFails(
        Errno.EIO,
        Set.of("chmod", "open for writing at once", "completion", "completion truncated", "link"));
  }
}
