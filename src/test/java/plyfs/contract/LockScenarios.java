package plyfs.contract;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import plyfs.sys.Fd;
import plyfs.sys.Linux;

/** SEMANTICS 4, locks, which stay with the inode over copy-up. */
final class LockScenarios {
  /** {@code try(FILE, COMMAND, TYPE, START, LENGTH)}: fcntl(2) with a {@code struct flock}. */
  private static final String PERL_TRY =
      "use Fcntl;"
          + "sub try { my ($f, $c, $t, $s, $l) = @_;"
          + "  return fcntl($f, $c, pack('s s x4 q q i x4', $t, 0, $s, $l, 0)) ? 'ok' : 'no' }";

  private LockScenarios() {}

  private static String perl(MountedUnion union, String script) throws IOException {
    return union
        .as("--reuid=0", "exec perl -e '" + (PERL_TRY + script).replace("'", "\"") + "'")
        .text();
  }

  @Item("4.49")
  static void openFileDescriptionLocks_conflictOverCopyUp(MountedUnion union) throws Throwable {
    union.lower("f=0123456789");
    union.mount();
    // F_OFD_SETLK is 37: by its owner, the open file, and not by the process.
    assertThat(
            perl(
                union,
                "open R, \"<\", \"f\"; print try(R, 37, F_RDLCK, 0, 4);"
                    + "open W, \"+<\", \"f\"; print try(W, 37, F_WRLCK, 3, 1);"
                    + "print try(W, 37, F_WRLCK, 4, 2);"
                    + "print try(R, 37, F_RDLCK, 5, 1);"
                    + "close R; print try(W, 37, F_WRLCK, 0, 4);"))
        .isEqualTo("oknooknook");
  }

  @Item("4.49")
  static void locksOfProcesses_conflictOverCopyUp(MountedUnion union) throws Throwable {
    union.lower("f=0123456789");
    DiskTree at = union.mount();
    try (FileChannel reader = FileChannel.open(Path.of(at.root(), "f"), StandardOpenOption.READ);
        FileLock lock = reader.lock(0, 4, true)) {
      assertThat(lock.isValid()).isTrue();
      at.chmod("f", 0600); // an append would close a descriptor, and so end the locks
      String script =
          "open W, \"+<\", \"f\"; print try(W, F_SETLK, F_WRLCK, 3, 1);"
              + "print try(W, F_SETLK, F_RDLCK, 0, 4); print try(W, F_SETLK, F_WRLCK, 4, 9);";
      assertThat(perl(union, script)).isEqualTo("nookok");
    }
  }

  @Item("4.110")
  static void lockOnAnOldDescriptor_endsWithItsHolder(MountedUnion union) throws Throwable {
    union.lower("f=0123456789");
    DiskTree at = union.mount();
    String script =
        PERL_TRY
            + "open R, '<', $ARGV[0]; print try(R, F_SETLK, F_RDLCK, 0, 4); close STDOUT; <STDIN>;";
    Process holder = new ProcessBuilder("perl", "-e", script, at.root() + "/f").start();
    try {
      assertThat(new String(holder.getInputStream().readAllBytes(), US_ASCII)).isEqualTo("ok");
      try (FileChannel writer =
          FileChannel.open(
              Path.of(at.root(), "f"), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
        assertThat(writer.tryLock(2, 1, false)).isNull();
        holder.destroyForcibly().waitFor();
        try (FileLock lock = writer.tryLock(2, 1, false)) {
          assertThat(lock).isNotNull();
        }
      }
    } finally {
      holder.destroyForcibly().waitFor();
    }
    try (Fd file = at.open("f", Linux.O_RDONLY)) {
      assertThat(DiskTree.pread(file, 20, 0)).isEqualTo("0123456789");
    }
  }
}
