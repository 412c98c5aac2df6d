package plyfs.contract;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;

/** The same on tmpfs, which takes large attributes and keeps holes differently from ext4. */
final class TmpfsLayerTest extends HostLayerTest {
  @Override
  Path parent() {
    Path shared = Path.of("/dev/shm");
    assumeTrue(Files.isWritable(shared), "needs a tmpfs on /dev/shm");
    return shared;
  }

  @Override
  public Set<Capability> capabilities() {
    return EnumSet.of(
        Capability.HOLES, Capability.COPY_RANGE, Capability.LARGE_FILES, Capability.LARGE_XATTRS);
  }
}
