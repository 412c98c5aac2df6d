package plyfs.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Calls as strace prints them, and what they tell of a copy. */
final class StraceTextTest {
  private static final String COPY =
      """
      77 openat(9</u>, "f", O_RDWR) = 12</u/f>
      77 ioctl(12</u/#5 (deleted)>, BTRFS_IOC_CLONE or FICLONE, 11</l/f>) = -1 EOPNOTSUPP (Operation not supported)
      77 copy_file_range(11</l/f>, [0] => [4096], 12</u/#5 (deleted)>, [0] => [4096], 4096, 0) = 4096
      78 read(6</dev/fuse>, <unfinished ...>
      77 pwrite64(12</u/f>, "x", 1, 0)           = 1
      78 <... read resumed>"\\50\\0"..., 1052672) = 40
      77 writev(6</dev/fuse>, [{iov_base="\\20\\0", iov_len=16}], 1) = 24
      78 ioctl(6</dev/fuse>, FUSE_DEV_IOC_CLONE, [5]) = 0
      78 read(6</dev/fuse>,  <detached ...>
      """;

  private static CopyMethod method(String... lines) {
    return MethodEvidence.ofCalls(StraceText.calls(String.join("\n", lines)), 1);
  }

  @Test
  void calls_interruptedOnesAreJoined_unendedOnesAreNotCounted() {
    List<StraceText.Call> calls = StraceText.calls(COPY);
    assertThat(StraceText.counts(calls))
        .isEqualTo(
            Map.of(
                "openat",
                1,
                "ioctl FICLONE",
                1,
                "copy_file_range",
                1,
                "read",
                1,
                "pwrite64",
                1,
                "writev",
                1,
                "ioctl",
                1));
    assertThat(calls).anySatisfy(call -> assertThat(call.result()).isEqualTo(40));
  }

  @Test
  void ofWorkers_leavesOutThreadsThatCompile() {
    String text =
        """
        78 read(6</dev/fuse>, "..."..., 1052672) = 40
        80 futex(0x7f, FUTEX_WAIT_PRIVATE, 0, NULL) = 0
        78 syscall_0x1c4(0xc, 0x7f, 0x1ff, 0x1000) = 0
        78 syscall_0x1d0(0xc, 0x7f, 0x1000, 0x7f, 0x7f, 0x10) = 0
        78 syscall_0x1d1(0xc, 0x7f, 0x1000, 0x7f, 0x200, 0) = 12
        """;
    assertThat(StraceText.counts(StraceText.ofWorkers(StraceText.calls(text))))
        .isEqualTo(Map.of("read", 1, "fchmodat2", 1, "getxattrat", 1, "listxattrat", 1));
  }

  @Test
  void method_followsFromWhatSucceeded() {
    assertThat(MethodEvidence.ofCalls(StraceText.calls(COPY), 1)).isEqualTo(CopyMethod.COPY_RANGE);
    assertThat(method("7 ioctl(12</u/f>, BTRFS_IOC_CLONE or FICLONE, 11</l/f>) = 0"))
        .isEqualTo(CopyMethod.REFLINK);
    assertThat(
            method(
                "7 lseek(11</l/f>, 0, SEEK_DATA) = 0",
                "7 copy_file_range(11</l/f>, [0], 12</u/f>, [0], 4096, 0) = 4096"))
        .isEqualTo(CopyMethod.EXTENTS);
    assertThat(method("7 sendfile(12</u/f>, 11</l/f>, [0] => [9000], 9000) = 9000"))
        .isEqualTo(CopyMethod.READ_WRITE);
    assertThat(method("7 fsetxattr(12</u/f>, \"trusted.overlay.metacopy\", \"\", 0, 0) = 0"))
        .isEqualTo(CopyMethod.METADATA);
    assertThat(method("7 pwrite64(12</u/f>, \"x\", 1, 0) = 1")).isEqualTo(CopyMethod.NOTHING);
  }

  @Test
  void method_answersToTheKernelAreNoData() {
    assertThat(method("7 write(6</dev/fuse>, \"...\"..., 65536) = 65536"))
        .isEqualTo(CopyMethod.NOTHING);
    assertThat(method("7 splice(6</dev/fuse>, NULL, 8<pipe:[77]>, NULL, 65536, 0) = 65536"))
        .isEqualTo(CopyMethod.NOTHING);
  }

  @Test
  void ioCount_readsTheFileOfTheKernel() {
    assertThat(
            IoCount.parse(
                """
                rchar: 10
                wchar: 20
                syscr: 1
                read_bytes: 4096
                write_bytes: 8192
                cancelled_write_bytes: 5
                """))
        .isEqualTo(new IoCount(10, 20, 4096, 8192));
  }
}
