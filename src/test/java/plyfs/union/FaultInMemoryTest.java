package plyfs.union;

import java.util.Set;
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
  void unreadableLowerLayer_isEio_andALaterTryWorks() throws Exception {
    eachReadOfALowerLayerFails(
        Errno.EIO,
        Set.of("chmod", "chmod of a directory", "truncate", "create", "rename", "rmdir"));
  }
}
