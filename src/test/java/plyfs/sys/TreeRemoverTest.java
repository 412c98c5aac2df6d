package plyfs.sys;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TreeRemoverTest {
  private static final int USER = 1000;
  private static final int DEPTH = 5000;

  @TempDir Path directory;

  private void remove(String name) throws ErrnoException {
    try (Fd parent = open(directory)) {
      TreeRemover.remove(parent, name.getBytes(UTF_8));
    }
  }

  private static Fd open(Path path) throws ErrnoException {
    return Fd.open(path.toString().getBytes(UTF_8), Linux.O_RDONLY | Linux.O_DIRECTORY);
  }

  private static void write(Path file) throws IOException {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "content");
  }

  @Test
  void filesAndDirectories_go_andWhatIsNotThereIsNoError() throws Exception {
    write(directory.resolve("t/a/b/file"));
    write(directory.resolve("t/a/file"));
    Files.createDirectory(directory.resolve("t/empty"));
    write(directory.resolve("single"));
    remove("t");
    remove("single");
    remove("missing");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void symbolicLinks_areNotFollowed() throws Exception {
    write(directory.resolve("outside/file"));
    Files.createDirectories(directory.resolve("t/in"));
    Files.createSymbolicLink(directory.resolve("t/link"), directory.resolve("outside"));
    Files.createSymbolicLink(directory.resolve("t/in/link"), directory.resolve("outside"));
    Files.createSymbolicLink(directory.resolve("t/in/dangling"), Path.of("nowhere"));
    Files.createSymbolicLink(directory.resolve("top"), directory.resolve("outside"));
    remove("t");
    remove("top");
    assertThat(directory).isDirectoryNotContaining("glob:**/{t,top}");
    assertThat(directory.resolve("outside/file")).hasContent("content");
  }

  /** Deeper than any path can be long, and than descriptors may be open. */
  @Test
  void deepTree_goes() throws Exception {
    byte[] name = "directory-with-a-long-name".getBytes(UTF_8);
    Fd at = open(directory);
    for (int i = 0; i < DEPTH; i++) {
      assertThat(Syscalls.mkdirat(at, name, 0700)).isZero();
      Fd next = Fd.openat(at, name, Linux.O_RDONLY | Linux.O_DIRECTORY, 0);
      at.close();
      at = next;
    }
    at.close();
    remove(new String(name, UTF_8));
    assertThat(directory).isEmptyDirectory();
  }

  /** The names that directories get on their way may be there. */
  @Test
  void namesOfARemovalThatWasInterrupted_areNoObstacle() throws Exception {
    write(directory.resolve("t/#sweep1/x/y/file"));
    write(directory.resolve("t/#sweep2"));
    write(directory.resolve("t/a/b/c/file"));
    remove("t");
    assertThat(directory).isEmptyDirectory();
  }

  @ParameterizedTest
  @ValueSource(strings = {"---------", "r-x------", "r--------", "-wx------", "rw-------"})
  void directoriesThatDenyTheirOwner_goToo(String mode) throws Exception {
    assumeTrue(MountSyscalls.effectiveUser() == 0, "needs root, to become another user");
    Path tree = directory.resolve("t");
    write(tree.resolve("in/deep/file"));
    write(tree.resolve("in/file"));
    Files.createDirectory(tree.resolve("empty"));
    for (String path : new String[] {"in/deep", "in", "empty", ""}) {
      Files.setPosixFilePermissions(tree.resolve(path), PosixFilePermissions.fromString(mode));
      Files.setAttribute(tree.resolve(path), "unix:uid", USER);
    }
    Files.setAttribute(directory, "unix:uid", USER);
    CallerCalls.become(USER);
    try {
      remove("t");
    } finally {
      CallerCalls.become(0);
    }
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void directoryOfAnother_isRefused() throws Exception {
    assumeTrue(MountSyscalls.effectiveUser() == 0, "needs root, to become another user");
    write(directory.resolve("t/file"));
    Files.setPosixFilePermissions(
        directory.resolve("t"), PosixFilePermissions.fromString("r-xr-xr-x"));
    Files.setAttribute(directory, "unix:uid", USER);
    CallerCalls.become(USER);
    try {
      assertThatThrownBy(() -> remove("t")).hasMessageContaining("EACCES");
    } finally {
      CallerCalls.become(0);
    }
    assertThat(directory.resolve("t/file")).exists();
  }

  @Test
  void empty_keepsTheDirectory() throws Exception {
    write(directory.resolve("t/a/b/file"));
    try (Fd tree = open(directory.resolve("t"))) {
      TreeRemover.empty(tree);
    }
    assertThat(directory.resolve("t")).isEmptyDirectory();
  }
}
