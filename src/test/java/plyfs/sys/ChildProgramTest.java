package plyfs.sys;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ChildProgramTest {
  private static final int F_DUPFD = 0;
  private static final int F_GETFD = 1;

  /** A descriptor as the JVM has for jars, and as callers leave them. */
  private static Fd inherited() throws ErrnoException {
    try (Fd root = Fd.open(new byte[] {'/'}, Linux.O_PATH)) {
      return Fd.adopt(Syscalls.result(Syscalls.LIBC.fcntl(root.number(), F_DUPFD, 100)));
    }
  }

  @Test
  void descriptorsOfTheJvmAndItsCaller_areNotThoseOfTheProgram() throws Exception {
    List<byte[]> words =
        List.of(
            ChildProgram.word("sh"),
            ChildProgram.word("-c"),
            ChildProgram.word("exec >&2; exec ls /proc/self/fd /missing"));
    try (Fd open = inherited();
        ChildProgram program =
            ChildProgram.start(words, List.of(ChildProgram.word("PATH=/usr/bin:/bin")))) {
      assertThat(open.number()).isGreaterThanOrEqualTo(100);
      assertThat(program.awaitEnd().lines().filter(line -> line.matches("[0-9]+")))
          .containsExactly("0", "1", "2", "3", "4"); // ls(1) has the directory open, too
    }
  }

  @Test
  void descriptors_areMarkedOneByOne_whereTheKernelCannotMarkARange() throws Exception {
    try (Fd open = inherited()) {
      assertThat(Syscalls.LIBC.fcntl(open.number(), F_GETFD, 0)).isZero();
      CloseOnExec.markEach();
      assertThat(Syscalls.LIBC.fcntl(open.number(), F_GETFD, 0)).isEqualTo(1);
    }
  }
}
