package plyfs.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static plyfs.contract.MountedUnion.errno;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.Syscalls;

/** SEMANTICS 4.56, 6.1, 6.22, 7.10 to 7.13: the kernel reads and writes files itself. */
@Tag("mount")
final class PassthroughTest {
  private static final String OPEN = "open=passthrough";
  private static final int MEGABYTE = 1 << 20;

  @BeforeEach
  void available() {
    PlyfsMountTest.assumeAvailable();
  }

  /** Bytes that the process has read and written, whatever from and to. */
  private static long transferred(WarmPlyfs plyfs) throws Exception {
    return Files.readAllLines(Path.of("/proc", Long.toString(plyfs.pid()), "io")).stream()
        .filter(line -> line.startsWith("rchar") || line.startsWith("wchar"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D+", "")))
        .sum();
  }

  private static void copyThrough(Fd file, int megabytes) throws ErrnoException {
    String block = "x".repeat(MEGABYTE);
    for (int i = 0; i < megabytes; i++) {
      DiskTree.pwrite(file, block, (long) i * MEGABYTE);
    }
    for (int i = 0; i < megabytes; i++) {
      assertThat(DiskTree.pread(file, MEGABYTE, (long) i * MEGABYTE).length()).isEqualTo(MEGABYTE);
    }
  }

  @Test
  void dataOfUpperFiles_doesNotPassThroughTheDaemon() throws Throwable {
    try (WarmPlyfs plyfs = new WarmPlyfs(OPEN);
        MountedUnion union = new MountedUnion(plyfs)) {
      union.lower("low=content");
      DiskTree at = union.mount();
      long before = transferred(plyfs);
      try (Fd made = at.open("made", Linux.O_RDWR | Linux.O_CREAT | Linux.O_EXCL);
          Fd copied = at.open("low", Linux.O_RDWR)) {
        copyThrough(made, 8);
        copyThrough(copied, 8);
      }
      assertThat(transferred(plyfs) - before).isLessThan(MEGABYTE);
      assertThat(at.stat("made").size()).isEqualTo(8L * MEGABYTE);
      assertThat(at.stat("low").size()).isEqualTo(8L * MEGABYTE);
    }
  }

  @Test
  void dataOfAMountWithoutUpper_doesNotPassThroughTheDaemon() throws Throwable {
    try (WarmPlyfs plyfs = new WarmPlyfs(OPEN);
        MountedUnion union = new MountedUnion(plyfs)) {
      DiskTree lower = union.lower();
      lower.write("f", "x".repeat(8 * MEGABYTE));
      DiskTree at = union.mountReadOnly();
      long before = transferred(plyfs);
      try (Fd file = at.open("f", Linux.O_RDONLY)) {
        for (int i = 0; i < 8; i++) {
          assertThat(DiskTree.pread(file, MEGABYTE, (long) i * MEGABYTE).length())
              .isEqualTo(MEGABYTE);
        }
      }
      assertThat(transferred(plyfs) - before).isLessThan(MEGABYTE);
    }
  }

  /** A file that was open before its copy-up is served by requests until nobody has it open. */
  @Test
  void openBeforeCopyUp_isFollowedByLaterOpens_thenTheKernelTakesOver() throws Throwable {
    try (WarmPlyfs plyfs = new WarmPlyfs(OPEN);
        MountedUnion union = new MountedUnion(plyfs)) {
      union.lower("f=old");
      DiskTree at = union.mount();
      try (Fd reader = at.open("f", Linux.O_RDONLY)) {
        assertThat(DiskTree.pread(reader, 10, 0)).isEqualTo("old");
        try (Fd writer = at.open("f", Linux.O_RDWR)) {
          DiskTree.pwrite(writer, "new!", 0);
          assertThat(DiskTree.pread(reader, 10, 0)).isEqualTo("new!");
        }
        try (Fd writer = at.open("f", Linux.O_RDWR | Linux.O_TRUNC)) {
          DiskTree.pwrite(writer, "again", 0);
        }
        assertThat(DiskTree.pread(reader, 10, 0)).isEqualTo("again");
      }
      try (Fd writer = at.open("f", Linux.O_RDWR)) {
        DiskTree.pwrite(writer, "A", 0); // by the kernel itself, past the pages it has
      }
      assertThat(at.read("f")).isEqualTo("Again");
      long before = transferred(plyfs);
      try (Fd writer = at.open("f", Linux.O_RDWR)) {
        copyThrough(writer, 4);
      }
      assertThat(transferred(plyfs) - before).isLessThan(MEGABYTE);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"passthrough=upper", "passthrough=all"})
  void mixedOpensByManyThreads_neverFail_andLeaveTheLowerFileAlone(String lent) throws Throwable {
    try (WarmPlyfs plyfs = new WarmPlyfs(OPEN, lent);
        MountedUnion union = new MountedUnion(plyfs)) {
      DiskTree lower = union.lower();
      for (int file = 0; file < 40; file++) {
        lower.write("f" + file, "content of the lower file");
      }
      DiskTree at = union.mount();
      List<ThrowingCallable> threads = new ArrayList<>();
      for (int thread = 0; thread < 50; thread++) {
        Random random = new Random(thread);
        threads.add(() -> openAndUse(at, random));
      }
      Concurrent.together(threads);
    } // which compares the lower layer with what it was
  }

  private static void openAndUse(DiskTree at, Random random) throws ErrnoException {
    for (int i = 0; i < 20; i++) {
      int file = random.nextInt(40);
      int mode = List.of(Linux.O_RDONLY, Linux.O_RDONLY, Linux.O_WRONLY, Linux.O_RDWR).get(i % 4);
      int direct = random.nextInt(8) == 0 ? Linux.O_DIRECT : 0;
      try (Fd open = at.open("f" + file, mode | direct)) {
        if (direct != 0) {
          continue; // whose offsets and sizes the file system below restricts
        }
        if (mode != Linux.O_RDONLY) {
          DiskTree.pwrite(open, "c", 0);
        }
        if (mode != Linux.O_WRONLY) {
          assertThat(DiskTree.pread(open, 100, 0)).isEqualTo("content of the lower file");
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"passthrough=upper", "passthrough=all"})
  void manyOpens_keepNoDescriptor(String lent) throws Throwable {
    try (WarmPlyfs plyfs = new WarmPlyfs(OPEN, lent);
        MountedUnion union = new MountedUnion(plyfs)) {
      union.lower("low=l");
      DiskTree at = union.mount();
      at.write("up", "u");
      at.read("low");
      int before = plyfs.descriptors();
      for (int i = 0; i < 2000; i++) {
        at.read(i % 2 == 0 ? "low" : "up");
      }
      // The last of them may not be released yet.
      assertThat(plyfs.descriptors()).isLessThan(before + 100);
    }
  }

  /** SEMANTICS 7.13. */
  @Test
  void lentLowerFile_staysWithItsReader_andWritersGetTheUpperOne() throws Throwable {
    try (WarmPlyfs plyfs = new WarmPlyfs(OPEN, "passthrough=all");
        MountedUnion union = new MountedUnion(plyfs)) {
      union.lower("f=old", "t=long content", "o=old");
      DiskTree at = union.mount();
      try (Fd reader = at.open("f", Linux.O_RDONLY);
          Fd truncated = at.open("t", Linux.O_RDONLY);
          Fd overwritten = at.open("o", Linux.O_RDONLY)) {
        long ino = at.stat("f").ino();
        try (Fd writer = at.open("f", Linux.O_RDWR)) {
          DiskTree.pwrite(writer, "newer", 0);
          assertThat(DiskTree.pread(writer, 10, 0)).isEqualTo("newer");
        }
        UnionMounter.run(List.of("truncate", "-s", "4", at.root() + "/t"));
        at.write("o", "overwritten");
        assertThat(DiskTree.pread(reader, 10, 0)).isEqualTo("old");
        assertThat(DiskTree.pread(truncated, 20, 0)).isEqualTo("long content");
        assertThat(DiskTree.pread(overwritten, 20, 0)).isEqualTo("old");
        assertThat(at.render()).containsExactly("f=newer", "o=overwritten", "t=long");
        assertThat(at.stat("f").ino()).isEqualTo(ino);
        assertThat(DescriptorScenarios.fstat(reader).ino()).isEqualTo(ino);
        assertThat(DescriptorScenarios.fstat(reader).size()).isEqualTo(5);
        // By its descriptor there is no name to look up again.
        assertThat(errno(() -> Syscalls.reopen(reader, Linux.O_RDWR).close())).isEqualTo("ESTALE");
        assertThat(Syscalls.fchmod(reader, 0600)).isZero();
        assertThat(at.stat("f").mode() & 07777).isEqualTo(0600);
      }
      assertThat(at.render()).containsExactly("f=newer", "o=overwritten", "t=long");
    }
  }

  /** SEMANTICS 4.70: the kernel writes as the daemon, who may keep setuid. */
  @Test
  void setuidGivenToAnOpenFile_goesWhenSomebodyWrites() throws Throwable {
    try (WarmPlyfs plyfs = new WarmPlyfs(OPEN);
        MountedUnion union = new MountedUnion(plyfs)) {
      union.lower();
      DiskTree at = union.mount();
      at.write("program", "x");
      at.chown("program", 1000, 1000);
      MountedUnion.Output output =
          union.asUser(
              1000,
              "exec 3>>"
                  + at.root()
                  + "/program; chmod 4755 "
                  + at.root()
                  + "/program; echo x >&3");
      assertThat(output.exitCode()).as(output.text()).isZero();
      assertThat(at.stat("program").mode() & 07777).isEqualTo(0755);
    }
  }
}
