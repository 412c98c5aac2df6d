package plyfs.model;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.MountSyscalls;
import plyfs.sys.Syscalls;
import plyfs.sys.XattrSyscalls;

final class TreeSnapshotTest {
  @TempDir Path directory;

  private SortedMap<String, String> snapshot(TreeSnapshot.Option... options) throws ErrnoException {
    return TreeSnapshot.of(
        directory.toString().getBytes(UTF_8), Set.of(options), List.of("security."));
  }

  private Fd open() throws ErrnoException {
    return Fd.open(directory.toString().getBytes(UTF_8), Linux.O_RDONLY | Linux.O_DIRECTORY);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  @Test
  void everyType_asOneLineEach() throws Exception {
    Files.writeString(directory.resolve("f"), "abc");
    Files.createDirectories(directory.resolve("d/e"));
    try (Fd dir = open()) {
      ErrnoException.check(Syscalls.symlinkat(bytes("to here"), dir, bytes("l")));
      ErrnoException.check(Syscalls.mknodat(dir, bytes("p"), Linux.S_IFIFO | 0600, 0));
      byte[] odd = {(byte) 0xff, '\n'};
      ErrnoException.check(Syscalls.mkdirat(dir, odd, 0700));
      ErrnoException.check(
          XattrSyscalls.set(dir, bytes("f"), bytes("user.b"), new byte[] {0, -1}, 0));
      for (String name : List.of("f", "d/e", "d", "l", "p")) {
        ErrnoException.check(Syscalls.utimensat(dir, bytes(name), 1, 2, -3, 4));
        ErrnoException.check(Syscalls.chownat(dir, bytes(name), -1, -1));
      }
      ErrnoException.check(Syscalls.chmodat(dir, bytes("f"), 0640));
    }
    SortedMap<String, String> lines = snapshot();
    assertThat(lines.keySet()).containsExactly(".", "\\xff\\x0a", "d", "d/e", "f", "l", "p");
    assertThat(lines.get("f"))
        .startsWith(" file 640 ")
        .contains(" size=3 mtime=-3.000000004 nlink=1 sha256=ba7816bf8f01cfea")
        .endsWith(" user.b=00ff");
    assertThat(lines.get("l")).contains(" link 777 ", " -> to\\x20here");
    assertThat(lines.get("p")).contains(" fifo 600 ");
    assertThat(lines.get("d/e")).contains(" dir ").doesNotContain("size", "nlink");
  }

  @Test
  void diff_showsBothSides_andOnlyWhatDiffers() throws Exception {
    Files.writeString(directory.resolve("same"), "x");
    Files.writeString(directory.resolve("changed"), "x");
    Files.writeString(directory.resolve("gone"), "x");
    SortedMap<String, String> before = snapshot(TreeSnapshot.Option.NO_DIRECTORY_TIMES);
    Files.writeString(directory.resolve("changed"), "xy");
    Files.delete(directory.resolve("gone"));
    SortedMap<String, String> after = snapshot(TreeSnapshot.Option.NO_DIRECTORY_TIMES);
    List<String> diff = TreeSnapshot.diff(before, after);
    assertThat(diff).hasSize(3);
    assertThat(diff.get(0)).startsWith("- changed file");
    assertThat(diff.get(1)).startsWith("+ changed file");
    assertThat(diff.get(2)).startsWith("- gone file");
    assertThat(TreeSnapshot.diff(after, after)).isEmpty();
  }

  @Test
  void rawDigest_seesEveryTouch_andTouchesNothingItself() throws Exception {
    assumeTrue(MountSyscalls.effectiveUser() == 0, "needs root: a mount clone");
    Files.writeString(directory.resolve("f"), "x");
    Files.createSymbolicLink(directory.resolve("l"), Path.of("f"));
    String before = TreeSnapshot.digest(snapshot(TreeSnapshot.Option.ALL_TIMES));
    assertThat(TreeSnapshot.digest(snapshot(TreeSnapshot.Option.ALL_TIMES))).isEqualTo(before);
    try (Fd dir = open()) {
      ErrnoException.check(Syscalls.chownat(dir, bytes("f"), -1, -1));
      ErrnoException.check(Syscalls.utimensat(dir, bytes("f"), 5, 5, 0, Linux.UTIME_OMIT));
    }
    assertThat(TreeSnapshot.digest(snapshot(TreeSnapshot.Option.ALL_TIMES))).isNotEqualTo(before);
  }
}
