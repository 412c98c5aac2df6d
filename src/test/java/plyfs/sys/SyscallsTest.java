package plyfs.sys;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SyscallsTest {
  @TempDir Path directory;

  private Fd open() throws ErrnoException {
    return Fd.open(directory.toString().getBytes(UTF_8), Linux.O_RDONLY | Linux.O_DIRECTORY);
  }

  private static byte[] bytes(String latin1) {
    return latin1.getBytes(ISO_8859_1);
  }

  @Test
  void namesThatAreNotUtf8_surviveMakingAndListing() throws Exception {
    byte[] name = {(byte) 0xff, (byte) 0xfe, '\n', '\\', '-'};
    try (Fd dir = open()) {
      assertThat(Syscalls.mkdirat(dir, name, 0750)).isZero();
      Stat stat = new Stat();
      assertThat(Syscalls.statx(dir, name, stat)).isZero();
      assertThat(stat.isDirectory()).isTrue();
      Getdents entries = new Getdents();
      assertThat(entries.advance(dir)).isTrue();
      assertThat(entries.name()).isEqualTo(name);
      assertThat(entries.type()).isEqualTo(Linux.DT_DIR);
      assertThat(entries.ino()).isEqualTo(stat.ino());
      assertThat(entries.advance(dir)).isFalse();
      assertThat(Syscalls.unlinkat(dir, name, Linux.AT_REMOVEDIR)).isZero();
    }
  }

  /** Without a handle nothing is known of an origin: that must not come from a passing error. */
  @Test
  void handleOfWhatIsNotThere_isAnError_andOfAFileSystemWithoutHandlesNone() throws Exception {
    try (Fd dir = open();
        Fd proc = Fd.open(bytes("/proc/self"), Linux.O_RDONLY)) {
      assertThatThrownBy(() -> Syscalls.nameToHandle(dir, bytes("missing")))
          .hasMessageContaining("ENOENT");
      assertThat(Syscalls.nameToHandle(proc, bytes("fd"))).isNull();
      assertThat(Syscalls.fileSystemUuid(proc)).isNullOrEmpty(); // null before Linux 6.9
    }
  }

  /**
   * The stubs of jnr-ffi pass garbage as the sixth of six integers on x86-64; this call has six.
   */
  @Test
  void copyFileRange_copiesAndDoesNotFailWithEinval() throws Exception {
    Files.writeString(directory.resolve("from"), "0123456789");
    try (Fd dir = open();
        Fd in = Fd.openat(dir, bytes("from"), Linux.O_RDONLY, 0);
        Fd out = Fd.openat(dir, bytes("to"), Linux.O_RDWR | Linux.O_CREAT, 0600)) {
      assertThat(FileSyscalls.copyFileRange(in, 2, out, 1, 5)).isEqualTo(5);
    }
    assertThat(Files.readAllBytes(directory.resolve("to"))).isEqualTo(bytes("\00023456"));
  }

  @Test
  void modeOwnerAndTimes_ofAnObjectAndOfItsOpenPathDescriptor() throws Exception {
    Files.writeString(directory.resolve("f"), "x");
    try (Fd dir = open();
        Fd path = Fd.openat(dir, bytes("f"), Linux.O_PATH | Linux.O_NOFOLLOW, 0)) {
      Stat stat = new Stat();
      assertThat(Syscalls.chmodat(dir, bytes("f"), 04711)).isZero();
      assertThat(Syscalls.statx(path, Syscalls.SELF, stat)).isZero();
      assertThat(stat.mode()).isEqualTo(Linux.S_IFREG | 04711);
      assertThat(Syscalls.chmodat(path, Syscalls.SELF, 0600)).isZero();
      assertThat(Syscalls.utimensat(path, Syscalls.SELF, -1, 5, (1L << 32) + 7, 999_999_999))
          .isZero();
      assertThat(Syscalls.statx(dir, bytes("f"), stat)).isZero();
      assertThat(stat.mode()).isEqualTo(Linux.S_IFREG | 0600);
      assertThat(stat.atimeSeconds()).isEqualTo(-1);
      assertThat(stat.atimeNanos()).isEqualTo(5);
      assertThat(stat.mtimeSeconds()).isEqualTo((1L << 32) + 7);
      assertThat(stat.mtimeNanos()).isEqualTo(999_999_999);
      assertThat(Syscalls.chownat(path, Syscalls.SELF, -1, -1)).isZero();
    }
  }

  @Test
  void tmpfile_getsAName_byAnEmptyOldPath() throws Exception {
    try (Fd dir = open();
        Fd file = Fd.openat(dir, bytes("."), Linux.O_TMPFILE | Linux.O_RDWR, 0600)) {
      assertThat(Syscalls.linkat(file, Syscalls.SELF, dir, bytes("named"))).isZero();
      assertThat(Syscalls.linkat(file, Syscalls.SELF, dir, bytes("named")))
          .isEqualTo(-Errno.EEXIST);
    }
    assertThat(directory.resolve("named")).exists();
  }

  @Test
  void symlinks_areReadAndNeverFollowed() throws Exception {
    try (Fd dir = open()) {
      assertThat(Syscalls.symlinkat(bytes("/nowhere/\u00ff"), dir, bytes("l"))).isZero();
      assertThat(Syscalls.readlink(dir, bytes("l"))).isEqualTo(bytes("/nowhere/\u00ff"));
      Stat stat = new Stat();
      assertThat(Syscalls.statx(dir, bytes("l"), stat)).isZero();
      assertThat(stat.isSymlink()).isTrue();
      assertThatThrownBy(
              () -> Fd.openat2(dir, bytes("l"), Linux.O_PATH, 0, Linux.RESOLVE_BENEATH).close())
          .isInstanceOf(ErrnoException.class)
          .hasMessageContaining("EXDEV");
    }
  }

  @Test
  void preadAndPwrite_useTheCallersMemory() throws Exception {
    ByteBuffer memory = ByteBuffer.allocateDirect(16);
    long address = Syscalls.addressOf(memory);
    try (Fd dir = open();
        Fd file = Fd.openat(dir, bytes("f"), Linux.O_RDWR | Linux.O_CREAT, 0600)) {
      memory.put(0, bytes("abcdef"));
      assertThat(FileSyscalls.pwrite(file, address, 6, 10)).isEqualTo(6);
      assertThat(FileSyscalls.pread(file, address + 8, 8, 8)).isEqualTo(8);
      assertThat(memory.get(10)).isEqualTo((byte) 'a');
      assertThat(FileSyscalls.lseek(file, 0, Linux.SEEK_END)).isEqualTo(16);
    }
  }

  @Test
  void deviceNumbers_roundTripThroughMknodAndStat() throws Exception {
    org.junit.jupiter.api.Assumptions.assumeTrue(
        MountSyscalls.effectiveUser() == 0, "needs root: mknod of devices");
    Stat stat = new Stat();
    try (Fd dir = open()) {
      for (int rdev : new int[] {0, 0x0103, 0xfff12345, 0x7ff00abc | 0xff00}) {
        assertThat(Syscalls.mknodat(dir, bytes("d"), Linux.S_IFCHR | 0600, rdev)).isZero();
        assertThat(Syscalls.statx(dir, bytes("d"), stat)).isZero();
        assertThat(stat.rdev()).isEqualTo(rdev);
        assertThat(stat.isWhiteout()).isEqualTo(rdev == 0);
        assertThat(Syscalls.unlinkat(dir, bytes("d"), 0)).isZero();
      }
    }
  }

  @Test
  void errorsAreDescribedByTheCLibrary() {
    assertThat(Errno.describe(Errno.ENOSPC)).isEqualTo("No space left on device (ENOSPC)");
    assertThat(ErrnoException.of(Errno.EXDEV).errno()).isEqualTo(Errno.EXDEV);
  }
}
