package plyfs.explore;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.collect.ImmutableList;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plyfs.layer.MountPlan;
import plyfs.layer.OverlayXattr;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.MountSyscalls;
import plyfs.sys.Syscalls;
import plyfs.sys.XattrSyscalls;

/** Trees are words: {@code dir/}, {@code file=content}, {@code name!} for a whiteout. */
final class UpperDiffTest {
  private static final FileTime OLD = FileTime.from(Instant.parse("2020-02-02T02:02:02Z"));

  @TempDir Path directory;

  @BeforeEach
  void needsRoot() {
    assumeTrue(MountSyscalls.effectiveUser() == 0, "needs root: marks in trusted.*");
  }

  private void layer(String layer, String... entries) throws Exception {
    Path root = Files.createDirectories(directory.resolve(layer));
    for (String entry : entries) {
      Path path = root.resolve(entry.replaceAll("=.*$|!$", ""));
      Files.createDirectories(entry.endsWith("/") ? path : path.getParent());
      if (entry.endsWith("!")) {
        assertThat(Syscalls.mknodat(Fd.CWD, bytes(path), Linux.S_IFCHR, 0)).isZero();
      } else if (entry.contains("=")) {
        Files.writeString(path, entry.substring(entry.indexOf('=') + 1));
        Files.setLastModifiedTime(path, OLD);
      }
    }
  }

  private static byte[] bytes(Path path) {
    return path.toString().getBytes(UTF_8);
  }

  private void setXattr(String path, byte[] name, byte[] value) throws ErrnoException {
    try (Fd object = Fd.open(bytes(directory.resolve(path)), Linux.O_PATH)) {
      assertThat(XattrSyscalls.set(object, Syscalls.SELF, name, value, 0)).isZero();
    }
  }

  private List<String> diff(String... lowers) throws Exception {
    ImmutableList.Builder<byte[]> paths = ImmutableList.builder();
    for (String lower : lowers) {
      paths.add(bytes(directory.resolve(lower)));
    }
    MountPlan plan =
        new MountPlan(paths.build(), bytes(directory.resolve("upper")), null, OverlayXattr.TRUSTED);
    List<String> lines = new ArrayList<>();
    UpperDiff.compare(
        plan,
        UpperDiff.Aufs.MARKS,
        (kind, path) -> lines.add(kind.letter() + " " + new String(path, ISO_8859_1)));
    return lines;
  }

  @Test
  void emptyUpper_changesNothing() throws Exception {
    layer("lower", "etc/passwd=root");
    layer("upper");
    assertThat(diff("lower")).isEmpty();
  }

  @Test
  void addedChangedDeleted_withTheirDirectories_inOrder() throws Exception {
    layer("lower", "etc/passwd=root", "etc/motd=hi", "usr/bin/a=1", "var/log/x=1");
    layer("upper", "etc/passwd=root:x", "etc/motd!", "new/dir/file=1", "usr!", "var/log/");
    assertThat(diff("lower"))
        .containsExactly(
            "C /etc",
            "D /etc/motd",
            "C /etc/passwd",
            "A /new",
            "A /new/dir",
            "A /new/dir/file",
            "D /usr");
  }

  @Test
  void copiedUpWithoutAChange_isNotTold() throws Exception {
    layer("lower", "etc/passwd=root");
    layer("upper", "etc/passwd=root");
    assertThat(diff("lower")).isEmpty();
  }

  @Test
  void otherModeOfADirectory_isAChange() throws Exception {
    layer("lower", "srv/");
    layer("upper", "srv/");
    Files.setPosixFilePermissions(
        directory.resolve("upper/srv"), PosixFilePermissions.fromString("rwx------"));
    assertThat(diff("lower")).containsExactly("C /srv");
  }

  @Test
  void otherCapability_isAChange() throws Exception {
    layer("lower", "ping=1");
    layer("upper", "ping=1");
    byte[] value = {1, 0, 0, 2, 0, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    setXattr("upper/ping", "security.capability".getBytes(UTF_8), value);
    assertThat(diff("lower")).containsExactly("C /ping");
  }

  @Test
  void whiteoutOfNothing_isNotTold() throws Exception {
    layer("lower", "a=1");
    layer("upper", "b!", "c/d!");
    assertThat(diff("lower")).containsExactly("A /c");
  }

  @Test
  void opaqueDirectory_deletesWhatItDoesNotHold() throws Exception {
    layer("lower", "d/gone=1", "d/kept=1", "d/sub/x=1");
    layer("upper", "d/kept=1", "d/new=1");
    setXattr("upper/d", OverlayXattr.TRUSTED.opaque(), "y".getBytes(UTF_8));
    assertThat(diff("lower")).containsExactly("C /d", "D /d/gone", "A /d/new", "D /d/sub");
  }

  @Test
  void renamedDirectory_isDeletedThereAndAddedHere_withAllItHolds() throws Exception {
    layer("low", "old/a=1", "old/sub/b=1");
    layer("mid", "old/c=1");
    layer("upper", "old!", "now/d=1");
    setXattr("upper/now", OverlayXattr.TRUSTED.redirect(), "old".getBytes(UTF_8));
    assertThat(diff("mid", "low"))
        .containsExactly(
            "A /now", "A /now/a", "A /now/c", "A /now/d", "A /now/sub", "A /now/sub/b", "D /old");
  }

  @Test
  void directoryInPlaceOfAFile_andAFileInPlaceOfADirectory() throws Exception {
    layer("lower", "f=1", "d/x=1");
    layer("upper", "f/y=1", "d=1");
    assertThat(diff("lower")).containsExactly("C /d", "C /f", "A /f/y");
  }

  @Test
  void aufsMarksInTheUpper_areDeletions() throws Exception {
    layer("lower", "a=1", "d/x=1");
    layer("upper", ".wh.a=", "d/.wh..wh..opq=", "d/y=1");
    assertThat(diff("lower")).containsExactly("D /a", "C /d", "D /d/x", "A /d/y");
  }

  @Test
  void namesThatAreNotText_stayBytes() throws Exception {
    layer("lower");
    layer("upper");
    byte[] name = (directory.resolve("upper") + "/\u00ff\n").getBytes(ISO_8859_1);
    Fd.openat(Fd.CWD, name, Linux.O_WRONLY | Linux.O_CREAT, 0600).close();
    assertThat(diff("lower")).containsExactly("A /\u00ff\n");
  }

  @Test
  void contentChangedWhileSizeAndTimeStayed_isAChange() throws Exception {
    String long1 = "x".repeat(3_000_000);
    layer("lower", "big=" + long1 + "1", "file=old", "same=same", "empty=");
    layer("upper", "big=" + long1 + "2", "file=new", "same=same", "empty=");
    assertThat(diff("lower")).containsExactly("C /big", "C /file");
  }

  @Test
  void symbolicLinkToAnotherTargetOfTheSameLength_isAChange() throws Exception {
    for (String layer : List.of("lower", "upper")) {
      layer(layer);
      for (String name : List.of("link", "same")) {
        Path link = directory.resolve(layer).resolve(name);
        String target = name.equals("same") ? "target" : layer;
        Files.createSymbolicLink(link, Path.of(target));
        long seconds = OLD.toInstant().getEpochSecond();
        assertThat(Syscalls.utimensat(Fd.CWD, bytes(link), seconds, 0, seconds, 0)).isZero();
      }
    }
    assertThat(diff("lower")).containsExactly("C /link");
  }
}
