package plyfs.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import plyfs.sys.Fd;
import plyfs.sys.Linux;

/** The contract on Plyfs with options that must change nothing of what is seen. */
@Tag("mount")
final class PlyfsVariantsTest {
  /** The kernel keeps nothing, so every look at a name or its attributes asks the daemon. */
  @TestFactory
  Stream<DynamicTest> contractWithoutCachedAttributes() throws IOException {
    PlyfsMountTest.assumeAvailable();
    return WarmPlyfs.contract("timeout=0");
  }

  /** All requests of a mount are served by one thread. */
  @TestFactory
  Stream<DynamicTest> contractWithOneWorker() throws IOException {
    PlyfsMountTest.assumeAvailable();
    return WarmPlyfs.contract("threads=1");
  }

  /** Each open is a request: SEMANTICS 3.27. */
  @TestFactory
  Stream<DynamicTest> contractWithOpens() throws IOException {
    PlyfsMountTest.assumeAvailable();
    return WarmPlyfs.contract("open=cache");
  }

  /** The kernel reads and writes upper files itself: SEMANTICS 3.27, 4.56, 7.11. */
  @TestFactory
  Stream<DynamicTest> contractWithPassthrough() throws IOException {
    PlyfsMountTest.assumeAvailable();
    return WarmPlyfs.contract("open=passthrough");
  }

  /** Lower files, too: SEMANTICS 7.13. */
  @TestFactory
  Stream<DynamicTest> contractWithPassthroughOfLowerFiles() throws IOException {
    PlyfsMountTest.assumeAvailable();
    return WarmPlyfs.contract("open=passthrough", "passthrough=all");
  }

  /** The kernel gathers what is written: SEMANTICS 3.26, 4.51. */
  @TestFactory
  Stream<DynamicTest> contractWithWriteBack() throws IOException {
    PlyfsMountTest.assumeAvailable();
    return WarmPlyfs.contract("writeback=1");
  }

  /** SEMANTICS 4.82, 6.25: what a program has open costs the daemon one descriptor per file. */
  @Test
  void filesOpenedOften_takeOneDescriptorEach() throws Throwable {
    PlyfsMountTest.assumeAvailable();
    int files = 50;
    int opensOfEach = 100;
    try (WarmPlyfs plyfs = new WarmPlyfs("open=cache");
        MountedUnion union = new MountedUnion(plyfs)) {
      DiskTree lower = union.lower();
      for (int i = 0; i < files; i++) {
        lower.write("f" + i, "content");
      }
      DiskTree at = union.mount();
      int before = plyfs.descriptors();
      List<Fd> open = new ArrayList<>();
      try {
        for (int i = 0; i < files * opensOfEach; i++) {
          open.add(at.open("f" + i % files, Linux.O_RDONLY));
        }
        assertThat(plyfs.descriptors()).isBetween(before + 1, before + files + 20);
      } finally {
        open.forEach(Fd::close);
      }
    }
  }
}
