package plyfs.sys;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class XattrSyscallsTest {
  @TempDir Path directory;

  private static byte[] bytes(String latin1) {
    return latin1.getBytes(ISO_8859_1);
  }

  @Test
  void binaryValues_byNameAndByPathDescriptor() throws Exception {
    Files.writeString(directory.resolve("f"), "x");
    byte[] value = {0, 1, (byte) 0xff, 0};
    try (Fd dir = Fd.open(directory.toString().getBytes(UTF_8), Linux.O_RDONLY);
        Fd path = Fd.openat(dir, bytes("f"), Linux.O_PATH | Linux.O_NOFOLLOW, 0)) {
      assertThat(XattrSyscalls.set(dir, bytes("f"), bytes("user.a"), value, Linux.XATTR_CREATE))
          .isZero();
      assertThat(XattrSyscalls.set(path, Syscalls.SELF, bytes("user.b"), new byte[0], 0)).isZero();
      assertThat(XattrSyscalls.set(path, Syscalls.SELF, bytes("user.a"), value, Linux.XATTR_CREATE))
          .isEqualTo(-Errno.EEXIST);
      assertThat(XattrSyscalls.get(path, Syscalls.SELF, bytes("user.a"))).isEqualTo(value);
      assertThat(XattrSyscalls.get(dir, bytes("f"), bytes("user.b"))).isEmpty();
      assertThat(XattrSyscalls.get(dir, bytes("f"), bytes("user.none"))).isNull();
      List<String> names = new ArrayList<>();
      XattrSyscalls.forEachName(
          XattrSyscalls.list(dir, bytes("f")), n -> names.add(new String(n, ISO_8859_1)));
      assertThat(names).contains("user.a", "user.b");
      assertThat(XattrSyscalls.remove(path, Syscalls.SELF, bytes("user.b"))).isZero();
      assertThat(XattrSyscalls.remove(dir, bytes("f"), bytes("user.b"))).isEqualTo(-Errno.ENODATA);
    }
  }

  @Test
  void symlinkItself_takesTrustedAttributes_byNameAndByPathDescriptor() throws Exception {
    assumeTrue(MountSyscalls.effectiveUser() == 0, "needs root: trusted.* attributes");
    Files.createSymbolicLink(directory.resolve("l"), Path.of("target"));
    try (Fd dir = Fd.open(directory.toString().getBytes(UTF_8), Linux.O_RDONLY);
        Fd path = Fd.openat(dir, bytes("l"), Linux.O_PATH | Linux.O_NOFOLLOW, 0)) {
      assertThat(XattrSyscalls.set(path, Syscalls.SELF, bytes("trusted.a"), bytes("1"), 0))
          .isZero();
      assertThat(XattrSyscalls.get(dir, bytes("l"), bytes("trusted.a"))).isEqualTo(bytes("1"));
      assertThat(Syscalls.readlink(path, Syscalls.SELF)).isEqualTo(bytes("target"));
    }
  }
}
