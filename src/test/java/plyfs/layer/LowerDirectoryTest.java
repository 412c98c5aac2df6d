package plyfs.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static plyfs.layer.TestMounts.bytes;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.Name;
import plyfs.sys.Stat;
import plyfs.sys.XattrSyscalls;

/** What is asked of a lower directory that nobody has had to open. */
final class LowerDirectoryTest {
  private static final Name DIRECTORY = Name.of("d");
  private static final byte[] OPAQUE = OverlayXattr.TRUSTED.opaque();
  private static final byte[] REDIRECT = OverlayXattr.TRUSTED.redirect();

  private final TestMounts places = new TestMounts();
  private LayerStack stack;

  LowerDirectoryTest() throws Exception {
    stack = LayerStack.of(List.of(), null, OverlayXattr.TRUSTED);
  }

  private Path path;

  @BeforeEach
  void open() throws Exception {
    Path lower = places.directory("lower");
    path = Files.createDirectory(lower.resolve("d"));
    Files.createFile(path.resolve("entry"));
    Files.createSymbolicLink(lower.resolve("link"), path);
    stack =
        LayerStack.open(
            TestMounts.plan(places.directory("upper"), places.directory("work"), lower), 64);
  }

  @AfterEach
  void close() throws Exception {
    stack.close();
    places.close();
  }

  private LayerRef directory() {
    return new LayerRef(stack.lowers().get(0).root(), DIRECTORY);
  }

  private void mark(byte[] name, String value) throws Exception {
    try (Fd at = Fd.open(bytes(path), Linux.O_PATH)) {
      assertThat(XattrSyscalls.set(at, new byte[0], name, bytes(value), 0)).isZero();
    }
  }

  private int marks() throws Exception {
    LayerRef directory = directory();
    return directory.layer().xattrsAmong(directory, OverlayXattr.TRUSTED.onLowerDirectory());
  }

  @Test
  void whichMarksItHas_isAskedInOneCall() throws Exception {
    assertThat(marks()).isZero();
    mark(bytes("trusted.overlay.opaqueness"), "y");
    mark(bytes("trusted.overlay.opaq"), "y");
    assertThat(marks()).isZero();
    mark(REDIRECT, "elsewhere");
    assertThat(marks()).isEqualTo(2);
    for (int i = 0; i < 40; i++) {
      mark(bytes("user.one-of-many-" + i), "x"); // more than fits at first
    }
    mark(OPAQUE, "y");
    assertThat(marks()).isEqualTo(3);
  }

  @Test
  void namesOfEveryLength_areListed() throws Exception {
    List<String> made = new ArrayList<>();
    for (int length = 1; length <= Name.MAX_BYTES; length++) {
      made.add("n".repeat(length));
      Files.createFile(path.resolve("n".repeat(length)));
    }
    made.add("entry");
    made.add("..n");
    Files.createFile(path.resolve("..n"));
    List<String> names = new ArrayList<>();
    LayerRef directory = directory();
    directory.layer().list(directory, (name, type, ino) -> names.add(Name.printable(name)));
    assertThat(names).containsExactlyInAnyOrderElementsOf(made);
  }

  @Test
  void entryIsLookedFor_andEntriesAreListed_withoutADescriptorThatStays() throws Exception {
    LayerRef directory = directory();
    Layer layer = directory.layer();
    Stat probe = new Stat();
    assertThat(layer.stat(directory, probe)).isTrue();
    int before = TestMounts.openDescriptors();
    assertThat(layer.holds(directory, Name.of("entry"), probe)).isTrue();
    assertThat(layer.holds(directory, Name.of("none"), probe)).isFalse();
    List<String> names = new ArrayList<>();
    layer.list(directory, (name, type, ino) -> names.add(Name.printable(name)));
    assertThat(names).containsExactly("entry");
    assertThat(TestMounts.openDescriptors()).isEqualTo(before);
    assertThat(layer.stat(new LayerRef(directory, Name.of("entry")), probe)).isTrue();
    assertThat(layer.holds(directory, Name.of("entry"), probe)).isTrue(); // now it is open
    assertThat(layer.holds(directory, Name.of("none"), probe)).isFalse();
    assertThat(TestMounts.openDescriptors()).isEqualTo(before + 1);
  }
}
