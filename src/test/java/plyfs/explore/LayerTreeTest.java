package plyfs.explore;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.collect.ImmutableList;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plyfs.layer.MountPlan;
import plyfs.layer.OverlayXattr;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.MountSyscalls;
import plyfs.sys.Syscalls;
import plyfs.sys.XattrSyscalls;

/** Trees are words: {@code dir/}, {@code file=bytes}, {@code name!} for a whiteout. */
final class LayerTreeTest {
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
        int size = Integer.parseInt(entry.substring(entry.indexOf('=') + 1));
        Files.write(path, new byte[size]);
      }
    }
  }

  private static byte[] bytes(Path path) {
    return path.toString().getBytes(UTF_8);
  }

  private void mark(String path, byte[] name, String value) throws Exception {
    try (Fd object = Fd.open(bytes(directory.resolve(path)), Linux.O_PATH)) {
      assertThat(XattrSyscalls.set(object, Syscalls.SELF, name, value.getBytes(UTF_8), 0)).isZero();
    }
  }

  private LayerTree tree(@Nullable String upper, String... lowers) throws Exception {
    ImmutableList.Builder<byte[]> paths = ImmutableList.builder();
    for (String lower : lowers) {
      paths.add(bytes(directory.resolve(lower)));
    }
    byte[] upperPath = upper == null ? null : bytes(directory.resolve(upper));
    MountPlan plan = new MountPlan(paths.build(), upperPath, null, OverlayXattr.TRUSTED);
    return LayerTreeReader.read(
        new ExploredLayers(plan, true, true, true, true, true, ImmutableList.of()),
        LayerTreeReader.Progress.SILENT);
  }

  private static List<String> wasted(LayerTree tree) {
    return tree.wasted().stream()
        .map(
            each ->
                each.path()
                    + " "
                    + each.bytes()
                    + " in "
                    + tree.explored().numbers().number(each.addedIn())
                    + (each.isDeleted() ? " deleted in " : " replaced in ")
                    + tree.explored().numbers().number(Objects.requireNonNull(each.hiddenBy())))
        .toList();
  }

  private static List<String> changes(LayerTree tree, int at) {
    return tree.layers().get(at).changes().stream()
        .map(each -> each.kind().letter() + " " + each.path() + " " + each.bytes())
        .toList();
  }

  @Test
  void deletedAndReplacedFiles_areWasted_andWhoHidesThemIsTold() throws Exception {
    layer("base", "var/cache/a.deb=1000", "var/cache/b.deb=500", "etc/conf=10", "keep=300");
    layer("middle", "etc/conf=20");
    layer("top", "var/cache!", "etc/conf=30");
    LayerTree tree = tree(null, "top", "middle", "base");
    assertThat(tree.bytes()).isEqualTo(1860);
    assertThat(wasted(tree))
        .containsExactly(
            "/var/cache/a.deb 1000 in 1 deleted in 3",
            "/var/cache/b.deb 500 in 1 deleted in 3",
            "/etc/conf 20 in 2 replaced in 3",
            "/etc/conf 10 in 1 replaced in 2");
    assertThat(tree.wastedBytes()).isEqualTo(1530);
    assertThat(changes(tree, 2))
        .containsExactly("C /etc 0", "C /etc/conf 30", "C /var 0", "D /var/cache 1500");
  }

  @Test
  void hardLinks_countOnce_andAreSeenUnderTheNameThatStays() throws Exception {
    layer("base", "a=1000");
    Files.createLink(directory.resolve("base/b"), directory.resolve("base/a"));
    layer("top", "a!");
    LayerTree tree = tree(null, "top", "base");
    assertThat(tree.bytes()).isEqualTo(1000);
    assertThat(tree.wasted()).isEmpty();
  }

  @Test
  void opaqueDirectory_deletesWhatItDoesNotHold() throws Exception {
    layer("base", "d/old=7", "d/both=5");
    layer("top", "d/both=6");
    mark("top/d", OverlayXattr.TRUSTED.opaque(), "y");
    assertThat(wasted(tree(null, "top", "base")))
        .containsExactly("/d/old 7 in 1 deleted in 2", "/d/both 5 in 1 replaced in 2");
  }

  @Test
  void renamedDirectory_andFileWithoutData_wasteNothing() throws Exception {
    layer("base", "old/f=100", "meta=6000");
    layer("upper", "new/", "old!", "meta=0");
    mark("upper/new", OverlayXattr.TRUSTED.redirect(), "/old");
    mark("upper/meta", OverlayXattr.TRUSTED.metacopy(), "");
    try (java.io.RandomAccessFile file =
        new java.io.RandomAccessFile(directory.resolve("upper/meta").toFile(), "rw")) {
      file.setLength(6000);
    }
    LayerTree tree = tree("upper", "base");
    assertThat(tree.wasted()).isEmpty();
    assertThat(tree.bytes()).isEqualTo(6100);
    assertThat(tree.layers().get(1).index()).isZero();
  }

  @Test
  void copyThatChangesNothing_takesRoom_andIsTold() throws Exception {
    layer("base", "f=100");
    layer("top", "f=100");
    Files.setLastModifiedTime(
        directory.resolve("top/f"), Files.getLastModifiedTime(directory.resolve("base/f")));
    LayerTree tree = tree(null, "top", "base");
    assertThat(changes(tree, 1)).containsExactly("C /f 100");
    assertThat(wasted(tree)).containsExactly("/f 100 in 1 replaced in 2");
  }

  @Test
  void text_sumsBelowTheDepth_andEndsWithTheEfficiency() throws Exception {
    layer("base", "usr/bin/x=1000", "usr/bin/y=2000", "gone=1000");
    layer("top", "gone!");
    List<String> lines = LayerTreeText.of(tree(null, "top", "base"), -1, 1);
    assertThat(lines)
        .contains("  A    3.00kB  /usr/  (3 more below)")
        .contains("  D   -1.00kB  /gone")
        .contains("     1.00kB  /gone: in layer 1, deleted in layer 2")
        .endsWith("4.00kB in 2 layers, 1.00kB wasted: efficiency 75.0%");
  }

  /** 83 MB were deleted, and the text said "C /var/cache/ (93 more below)". */
  @Test
  void text_showsDeletionsBelowTheDepth() throws Exception {
    layer("base", "var/cache/a=5000", "var/cache/b=3000", "var/log/x=100", "usr/y=10");
    layer("top", "var/cache/a!", "var/cache/b!", "var/cache/new=1000", "var/log/x!");
    LayerTree tree = tree(null, "top", "base");
    assertThat(LayerTreeText.of(tree, -1, 2))
        .contains("  C    1.00kB  /var/")
        .contains("  C    1.00kB  /var/cache/  (3 more below, 2 deleted: -8.00kB)")
        .contains("  C     -100B  /var/log/  (1 more below, 1 deleted)")
        .anyMatch(line -> line.endsWith("1.00kB: 1 added, 3 changed, 3 deleted (-8.10kB)"));
    assertThat(LayerTreeText.of(tree, -1, 1))
        .contains("  C    1.00kB  /var/  (6 more below, 3 deleted: -8.10kB)");
  }

  @Test
  void text_hasTheCommandThatMadeALayer() throws Exception {
    layer("base", "a=1");
    layer("top", "b=1");
    LayerTree tree = tree(null, "top", "base");
    ExploredLayers explored =
        new ExploredLayers(
            tree.explored().plan(),
            true,
            true,
            true,
            true,
            true,
            ImmutableList.of(
                new LayerOrigin("222222222222", "/bin/sh -c apt-get\t\tclean && " + "x".repeat(80)),
                new LayerOrigin("111111111111", "/bin/sh -c #(nop) ADD file:0 in / ")));
    LayerTree known = new LayerTree(explored, tree.layers(), tree.wasted());
    List<String> lines = LayerTreeText.of(known, -1, 2);
    assertThat(lines)
        .startsWith("layer 1  111111111111  1B: 1 added, 0 changed, 0 deleted", "  ADD file:0 in /")
        .contains("  RUN apt-get clean && " + "x".repeat(52) + "...")
        .allMatch(line -> line.length() <= 80);
    assertThat(LayerTreeText.of(known, 2, -1)).contains("  RUN apt-get clean && " + "x".repeat(80));
    assertThat(LayerTreeJson.of(known, 2))
        .contains("\"createdBy\":\"/bin/sh -c apt-get\\t\\tclean");
    assertThat(new LayerOrigin("", "RUN /bin/sh -c make # buildkit").command())
        .isEqualTo("RUN make");
    assertThat(new LayerOrigin("", "COPY a b # buildkit").command()).isEqualTo("COPY a b");
  }

  /** 125,000 files took 25 s without a word. */
  @Test
  void progress_tellsOfEachObject() throws Exception {
    layer("base", "a/b=1", "c=1");
    layer("top", "c!");
    List<String> told = new ArrayList<>();
    ExploredLayers explored = tree(null, "top", "base").explored();
    LayerTreeReader.read(explored, (what, count) -> told.add(what + " " + count));
    assertThat(told)
        .containsSubsequence(
            "reading layer 2 of 2 0",
            "reading layer 1 of 2 0",
            "reading layer 1 of 2 3",
            "comparing layer 1 of 2 3",
            "comparing layer 2 of 2 0",
            "looking at what is shown 2");
  }

  @Test
  void json() throws Exception {
    layer("base", "gone=1000");
    layer("top", "gone!");
    String text = LayerTreeJson.of(tree(null, "top", "base"), -1);
    JsonObject top = JsonParser.parseString(text).getAsJsonObject();
    assertThat(top.get("wastedBytes").getAsLong()).isEqualTo(1000);
    assertThat(top.getAsJsonArray("layers")).hasSize(2);
    assertThat(top.getAsJsonArray("wasted").get(0).getAsJsonObject().get("deletedIn").getAsInt())
        .isEqualTo(2);
  }
}
