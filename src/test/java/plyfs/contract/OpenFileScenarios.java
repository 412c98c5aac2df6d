package plyfs.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static plyfs.contract.MountedUnion.errno;

import java.util.List;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.FileSyscalls;
import plyfs.sys.Linux;
import plyfs.sys.Stat;
import plyfs.sys.Syscalls;
import plyfs.sys.XattrSyscalls;

/** SEMANTICS 4, open files and caching, data and time. */
final class OpenFileScenarios {
  private OpenFileScenarios() {}

  private static Stat fstat(Fd file) throws ErrnoException {
    Stat stat = new Stat();
    ErrnoException.check(Syscalls.statx(file, Syscalls.SELF, stat));
    return stat;
  }

  @Item("4.48, 4.49")
  static void oldReadOnlyDescriptor_seesWhatIsWrittenAfterCopyUp(MountedUnion union)
      throws Throwable {
    union.lower("f=old").setXattr("f", "user.a", "1");
    DiskTree at = union.mount();
    try (Fd reader = at.open("f", Linux.O_RDONLY)) {
      assertThat(DiskTree.pread(reader, 10, 0)).isEqualTo("old");
      long ino = fstat(reader).ino();
      try (Fd writer = at.open("f", Linux.O_RDWR)) {
        DiskTree.pwrite(writer, "NEW and longer", 0);
        assertThat(DiskTree.pread(reader, 100, 0)).isEqualTo("NEW and longer");
        at.chmod("f", 0600);
        at.setXattr("f", "user.a", "2");
        assertThat(fstat(reader).size()).isEqualTo(14);
        assertThat(fstat(reader).mode()).isEqualTo(Linux.S_IFREG | 0600);
        assertThat(fstat(reader).ino()).isEqualTo(ino);
        assertThat(fstat(writer).ino()).isEqualTo(ino);
        assertThat(FileSyscalls.lseek(reader, 0, Linux.SEEK_END)).isEqualTo(14);
        assertThat(XattrSyscalls.get(reader, Syscalls.SELF, LayerTree.bytes("user.a")))
            .isEqualTo(LayerTree.bytes("2"));
      }
    }
  }

  @Item("4.49")
  static void flock_conflictsOverCopyUp(MountedUnion union) throws Throwable {
    union.lower("f=1");
    DiskTree at = union.mount();
    try (Fd reader = at.open("f", Linux.O_RDONLY);
        Fd writer = at.open("f", Linux.O_RDWR)) {
      assertThat(FileSyscalls.flock(writer, Linux.LOCK_EX | Linux.LOCK_NB)).isZero();
      if (!union.keeps(Promise.OLD_MAPPINGS_SEE_WRITES)) {
        return; // the kernel locks the object that each descriptor has
      }
      assertThat(FileSyscalls.flock(reader, Linux.LOCK_EX | Linux.LOCK_NB)).isEqualTo(-11);
    }
  }

  @Item("4.52")
  static void unlinkedOpenFile_ofALower_isReadable(MountedUnion union) throws Throwable {
    union.lower("f=content");
    DiskTree at = union.mount();
    try (Fd file = at.open("f", Linux.O_RDONLY)) {
      at.unlink("f");
      assertThat(DiskTree.pread(file, 20, 0)).isEqualTo("content");
      at.write("f", "another");
      assertThat(DiskTree.pread(file, 20, 0)).isEqualTo("content");
      assertThat(fstat(file).size()).isEqualTo(7);
    }
    assertThat(at.read("f")).isEqualTo("another");
  }

  @Item(value = "4.99, 1.3e, 5.2, 5.3", needs = Promise.UNLINKED_LOWER_CAN_CHANGE)
  static void unlinkedOpenFile_ofALower_canBeChanged(MountedUnion union) throws Throwable {
    union.lower("f=content");
    DiskTree at = union.mount();
    try (Fd file = at.open("f", Linux.O_RDONLY)) {
      at.unlink("f");
      assertThat(fstat(file).nlink()).isZero();
      assertThat(Syscalls.fchmod(file, 0600)).isZero();
      assertThat(Syscalls.utimensat(file, Syscalls.SELF, 1, 2, 3, 4)).isZero();
      assertThat(
              XattrSyscalls.set(file, Syscalls.SELF, LayerTree.bytes("user.a"), new byte[] {1}, 0))
          .isZero();
      try (Fd writer = Syscalls.reopen(file, Linux.O_RDWR)) {
        DiskTree.pwrite(writer, "C", 0);
      }
      assertThat(DiskTree.pread(file, 20, 0)).isEqualTo("Content");
      assertThat(fstat(file).mode()).isEqualTo(Linux.S_IFREG | 0600);
    }
    union.unmount();
    assertThat(union.upper().render()).containsExactly("f !");
  }

  @Item("4.58")
  static void fallocate_seekAndCopyRange_onACopiedUpFile(MountedUnion union) throws Throwable {
    union.requireDisk();
    union.lower("f=" + "x".repeat(20_000), "other=0123456789");
    DiskTree at = union.mount();
    int punch = Linux.FALLOC_FL_PUNCH_HOLE | Linux.FALLOC_FL_KEEP_SIZE;
    try (Fd file = at.open("f", Linux.O_RDWR);
        Fd other = at.open("other", Linux.O_RDONLY)) {
      assertThat(FileSyscalls.fallocate(file, 0, 0, 30_000)).isZero();
      assertThat(fstat(file).size()).isEqualTo(30_000);
      assertThat(FileSyscalls.fallocate(file, Linux.FALLOC_FL_KEEP_SIZE, 0, 90_000)).isZero();
      assertThat(fstat(file).size()).isEqualTo(30_000);
      assertThat(FileSyscalls.fallocate(file, punch, 4096, 4096)).isZero();
      assertThat(FileSyscalls.lseek(file, 0, Linux.SEEK_HOLE)).isEqualTo(4096);
      assertThat(FileSyscalls.lseek(file, 4096, Linux.SEEK_DATA)).isEqualTo(8192);
      int zero = Linux.FALLOC_FL_ZERO_RANGE;
      assertThat(FileSyscalls.fallocate(file, zero, 12_288, 4096)).isZero();
      assertThat(DiskTree.pread(file, 4, 12_286)).isEqualTo("xx\0\0");
      assertThat(FileSyscalls.copyFileRange(other, 2, file, 0, 5)).isEqualTo(5);
      assertThat(DiskTree.pread(file, 6, 0)).isEqualTo("23456x");
      assertThat(FileSyscalls.copyFileRange(file, 0, file, 100, 5)).isEqualTo(5);
      assertThat(DiskTree.pread(file, 5, 100)).isEqualTo("23456");
    }
    UnionMounter.run(List.of("cp", "--reflink=auto", at.root() + "/other", at.root() + "/copy"));
    assertThat(at.read("copy")).isEqualTo("0123456789");
  }

  /** As where the file system takes no such mode: setuid has gone when it says so. */
  @Item("4.58, 4.36: attributes after a call that fails")
  static void fallocateThatFails_hasTakenSetuid_andThatIsSeenAtOnce(MountedUnion union)
      throws Throwable {
    union.lower("f=" + "x".repeat(5000), "f (4755 1:1)", "big=1", "big (4755 1:1)");
    DiskTree at = union.mount();
    at.chmod("f", 04755);
    at.chmod("big", 04755);
    assertThat(at.stat("f").mode() & 07777).isEqualTo(04755);
    assertThat(at.stat("big").mode() & 07777).isEqualTo(04755);
    union.asUser(1, "fallocate --zero-range -o 0 -l 100 f");
    MountedUnion.Output tooBig = union.asUser(1, "fallocate -l 7E big");
    assertThat(tooBig.exitCode()).isNotZero();
    assertThat(at.stat("f").mode() & 07777).isEqualTo(0755);
    int shown = at.stat("big").mode() & 07777;
    assertThat(union.remount().stat("big").mode() & 07777).isEqualTo(shown);
  }

  @Item(value = "4.58, 1.4", needs = Promise.NO_MOVING_FALLOCATE)
  static void fallocateThatMovesData_isRefused(MountedUnion union) throws Throwable {
    union.lower("f=" + "x".repeat(20_000));
    DiskTree at = union.mount();
    try (Fd file = at.open("f", Linux.O_RDWR)) {
      assertThat(FileSyscalls.fallocate(file, Linux.FALLOC_FL_COLLAPSE_RANGE, 0, 4096))
          .isEqualTo(-95);
      assertThat(FileSyscalls.fallocate(file, Linux.FALLOC_FL_INSERT_RANGE, 0, 4096))
          .isEqualTo(-95);
    }
  }

  @Item("4.59")
  static void runningProgram_isNotWritten_butReplacedAndUnlinked(MountedUnion union)
      throws Throwable {
    DiskTree lower = union.lower("d/");
    UnionMounter.run(List.of("cp", "/bin/cat", lower.root() + "/cat"));
    DiskTree at = union.mount();
    Process running = new ProcessBuilder(at.root() + "/cat").start();
    try {
      running.getOutputStream().write('x');
      running.getOutputStream().flush();
      assertThat(running.getInputStream().read()).isEqualTo('x');
      assertThat(errno(() -> at.open("cat", Linux.O_WRONLY).close())).isEqualTo("ETXTBSY");
      assertThat(errno(() -> at.open("cat", Linux.O_WRONLY | Linux.O_TRUNC).close()))
          .isEqualTo("ETXTBSY");
      at.chmod("cat", 0700);
      at.rename("cat", "d/dog");
      at.unlink("d/dog");
      running.getOutputStream().write('y');
      running.getOutputStream().flush();
      assertThat(running.getInputStream().read()).isEqualTo('y');
    } finally {
      running.getOutputStream().close();
      running.onExit().join();
    }
  }

  @Item("4.92")
  static void appends_landInOrder_overCopyUp(MountedUnion union) throws Throwable {
    union.lower("f=0");
    DiskTree at = union.mount();
    try (Fd reader = at.open("f", Linux.O_RDONLY);
        Fd one = at.open("f", Linux.O_WRONLY | Linux.O_APPEND);
        Fd other = at.open("f", Linux.O_WRONLY | Linux.O_APPEND);
        Fd third = Syscalls.reopen(reader, Linux.O_WRONLY | Linux.O_APPEND)) {
      StringBuilder expected = new StringBuilder("0");
      for (int i = 0; i < 10; i++) {
        for (Fd each : List.of(one, other, third)) {
          DiskTree.pwrite(each, i + ",", 0);
          expected.append(i).append(',');
        }
      }
      assertThat(DiskTree.pread(reader, 1000, 0)).isEqualTo(expected.toString());
    }
  }

  @Item("4.93, 6.19")
  static void farOffsets(MountedUnion union) throws Throwable {
    union.requireDisk();
    union.lower("f=1");
    DiskTree at = union.mount();
    try (Fd file = at.open("f", Linux.O_RDWR)) {
      DiskTree.pwrite(file, "far", 8L << 40);
      assertThat(fstat(file).size()).isEqualTo((8L << 40) + 3);
      assertThat(DiskTree.pread(file, 10, 8L << 40)).isEqualTo("far");
      assertThat(errno(() -> DiskTree.pwrite(file, "x", 1L << 60))).isEqualTo("EFBIG");
      assertThat(FileSyscalls.ftruncate(file, 1L << 62)).isEqualTo(-27);
    }
  }

  @Item("4.94")
  static void timesFarFromNow_areKept(MountedUnion union) throws Throwable {
    long[] seconds = {-1, -31_536_000, (1L << 31) + 5, (1L << 32) + 7, (1L << 33) + 9};
    DiskTree lower = union.lower();
    for (int i = 0; i < seconds.length; i++) {
      lower.write("f" + i, "1");
      lower.utimens("f" + i, seconds[i], 1, seconds[i], 123_456_789);
    }
    DiskTree at = union.mount();
    for (int i = 0; i < seconds.length; i++) {
      assertThat(at.stat("f" + i).mtimeSeconds()).isEqualTo(seconds[i]);
      at.chmod("f" + i, 0600);
      assertThat(at.stat("f" + i).mtimeSeconds()).isEqualTo(seconds[i]);
      assertThat(at.stat("f" + i).mtimeNanos()).isEqualTo(123_456_789);
      at.utimens("f" + i, seconds[i], 5, seconds[i], 6);
      assertThat(union.upper().stat("f" + i).mtimeSeconds()).isEqualTo(seconds[i]);
      assertThat(at.stat("f" + i).mtimeNanos()).isEqualTo(6);
    }
  }

  @Item("4.95")
  static void btime_isThere(MountedUnion union) throws Throwable {
    union.lower("f=1");
    DiskTree at = union.mount();
    assertThat(at.stat("f").hasBtime()).isTrue();
    at.append("f", "x");
    Stat after = at.stat("f");
    assertThat(after.btimeSeconds()).isGreaterThan(1_500_000_000L);
    Stat copy = union.upper().stat("f");
    assertThat(after.btimeSeconds()).as("that of the copy").isEqualTo(copy.btimeSeconds());
    assertThat(after.btimeNanos()).as("that of the copy").isEqualTo(copy.btimeNanos());
  }

  @Item("4.45, 4.86")
  static void fsync_worksOnEveryDescriptor(MountedUnion union) throws Throwable {
    union.lower("d/f=1");
    DiskTree at = union.mount();
    try (Fd file = at.open("d/f", Linux.O_RDONLY);
        Fd directory = at.open("d", Linux.O_RDONLY | Linux.O_DIRECTORY)) {
      assertThat(FileSyscalls.fsync(file)).isZero();
      assertThat(FileSyscalls.fdatasync(file)).isZero();
      assertThat(FileSyscalls.fsync(directory)).isZero();
      at.write("d/g", "1");
      assertThat(FileSyscalls.fsync(directory)).isZero();
      assertThat(DiskTree.list(directory)).contains("f");
    }
  }
}
