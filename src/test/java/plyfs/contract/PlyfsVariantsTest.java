package plyfs.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import plyfs.sys.Fd;
import plyfs.sys.IoUring;
import plyfs.sys.Linux;
import plyfs.sys.MountSyscalls;

/** The contract on Plyfs with options that must change nothing of what is seen. */
@Tag("mount")
final class PlyfsVariantsTest {
  private static final int MOST_LOOKS = 100_000;

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

  /** Requests come through a ring of their CPU. */
  @TestFactory
  Stream<DynamicTest> contractWithRings() throws IOException {
    assumeRings();
    return WarmPlyfs.contract("io_uring=1");
  }

  /** Else the contract would say nothing of rings. */
  @Test
  void optionForRings_isObeyed() throws Throwable {
    assumeRings();
    try (WarmPlyfs plyfs = new WarmPlyfs("io_uring=1");
        MountedUnion union = new MountedUnion(plyfs)) {
      union.lower("f=1");
      assertThat(plyfs.rings()).isZero();
      assertThat(union.mount().render()).containsExactly("f=1");
      assertThat(plyfs.rings()).isGreaterThanOrEqualTo(MountSyscalls.possibleCpus());
      union.unmount();
      assertThat(plyfs.rings()).isZero();
    }
  }

  private static void assumeRings() throws IOException {
    PlyfsMountTest.assumeAvailable();
    Path parameter = Path.of("/sys/module/fuse/parameters/enable_uring");
    assumeTrue(
        Files.exists(parameter) && Files.readString(parameter, UTF_8).startsWith("Y"),
        "needs io_uring of FUSE: echo Y >" + parameter);
    assumeTrue(IoUring.isAvailable(), "needs io_uring: it is forbidden here");
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

  /** SEMANTICS 4.82, 6.25. */
  @Test
  void filesMappedOften_takeOneDescriptorEach() throws Throwable {
    PlyfsMountTest.assumeAvailable();
    int files = 50;
    int mappings = 10_000;
    for (String policy : List.of("open=cache", "open=none")) {
      try (WarmPlyfs plyfs = new WarmPlyfs(policy);
          MountedUnion union = new MountedUnion(plyfs)) {
        DiskTree lower = union.lower();
        for (int i = 0; i < files; i++) {
          lower.write("f" + i, "content " + i);
        }
        DiskTree at = union.mount();
        int before = plyfs.descriptors();
        List<MappedByteBuffer> mapped = new ArrayList<>();
        try {
          for (int i = 0; i < mappings; i++) {
            String name = "f" + i % files;
            mapped.add(
                MappingScenarios.map(
                    at, name, FileChannel.MapMode.READ_ONLY, 9, StandardOpenOption.READ));
            assertThat(mapped.get(i).get(8)).isEqualTo((byte) name.charAt(1));
          }
          assertThat(plyfs.descriptors()).as(policy).isBetween(before + 1, before + files + 20);
        } finally {
          for (MappedByteBuffer each : mapped) {
            MappingScenarios.unmap(each);
          }
        }
      }
    }
  }

  /**
   * SEMANTICS 4.117: what a LOOKUP, OPEN or CREATE gave out goes, although its caller was killed
   * while it was answered.
   */
  @Test
  void callersKilledWhileTheyAreAnswered_leaveNoNodeAndNoHandle() throws Throwable {
    PlyfsMountTest.assumeAvailable();
    try (WarmPlyfs plyfs = new WarmPlyfs("open=cache");
        MountedUnion union = new MountedUnion(plyfs)) {
      DiskTree lower = union.lower("d/");
      for (int i = 0; i < 20; i++) {
        lower.write("d/f" + i, "content");
      }
      DiskTree at = union.mount();
      at.stat("d/f0");
      int descriptors = plyfs.descriptors();
      Strace slow = Strace.attach(plyfs.pid(), "openat,openat2,statx:delay_enter=3000");
      try {
        String command =
            "for i in $(seq 20); do for job in 'cat d/f$i' ': >d/new$i' 'test -e d/none$i'; do"
                + " eval \"$job\" & kill -9 $!; wait $! 2>/dev/null; done; done";
        union.as("--reuid=0", command);
      } finally {
        slow.close();
      }
      // For this the kernel drops the names of the mount, and forgets what nobody uses.
      UnionMounter.run(List.of("mount", "-i", "-o", "remount,rw", at.root()));
      int nodes = plyfs.nodes(union);
      for (int looks = 0; nodes > 1 && looks < MOST_LOOKS; looks++) {
        nodes = plyfs.nodes(union); // FORGET comes when it comes
      }
      assertThat(nodes).isEqualTo(1);
      assertThat(plyfs.descriptors()).isLessThanOrEqualTo(descriptors);
    }
  }
}
