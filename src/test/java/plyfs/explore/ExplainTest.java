package plyfs.explore;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.collect.ImmutableList;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plyfs.layer.LayerStack;
import plyfs.layer.MountPlan;
import plyfs.layer.OverlayXattr;
import plyfs.sys.ErrnoException;
import plyfs.sys.Fd;
import plyfs.sys.Linux;
import plyfs.sys.MountSyscalls;
import plyfs.sys.Syscalls;
import plyfs.sys.XattrSyscalls;
import plyfs.union.UnionFs;
import plyfs.union.UnionPaths;
import plyfs.union.api.UnionOptions;

/**
 * Each explanation is compared with what a union with the same layers really shows. Trees are
 * words: {@code dir/}, {@code file=content}, {@code name!} for a whiteout.
 */
final class ExplainTest {
  @TempDir Path directory;

  @BeforeEach
  void layers() throws Exception {
    assumeTrue(MountSyscalls.effectiveUser() == 0, "needs root: marks in trusted.*");
    layer("upper", "up=upper", "moved/", "meta=xxxxxx", "gone!");
    layer("l1", "etc/motd=one", "deleted!", "opaque/new=1", "aufs/.wh.f=", "dir/in1=1");
    layer("l2", "etc/motd=two", "opaque/old=2", "aufs/f=2", "dir=a file", "etc/only2=2");
    layer(
        "l3",
        "up=three",
        "deleted=3",
        "gone=3",
        "old/f=3",
        "meta=inside",
        "dir/in3=3",
        "etc/last=3",
        "opaque/old=3");
    mark("l1/opaque", OverlayXattr.TRUSTED.opaque(), "y");
    mark("upper/moved", OverlayXattr.TRUSTED.redirect(), "old");
    mark("upper/meta", OverlayXattr.TRUSTED.metacopy(), "");
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
      }
    }
  }

  private static byte[] bytes(Path path) {
    return path.toString().getBytes(UTF_8);
  }

  private void mark(String path, byte[] name, String value) throws ErrnoException {
    try (Fd object = Fd.open(bytes(directory.resolve(path)), Linux.O_PATH)) {
      assertThat(XattrSyscalls.set(object, Syscalls.SELF, name, value.getBytes(UTF_8), 0)).isZero();
    }
  }

  private ExploredLayers explored(@Nullable String upper) {
    ImmutableList<byte[]> lowers =
        ImmutableList.of(
            bytes(directory.resolve("l1")),
            bytes(directory.resolve("l2")),
            bytes(directory.resolve("l3")));
    byte[] upperPath = upper == null ? null : bytes(directory.resolve(upper));
    MountPlan plan = new MountPlan(lowers, upperPath, null, OverlayXattr.TRUSTED);
    return new ExploredLayers(plan, true, true, true, true, true, ImmutableList.of());
  }

  private Explanation explain(String path) throws Exception {
    return Explain.of(explored("upper"), path.getBytes(UTF_8));
  }

  private static String verdicts(Explanation told) {
    List<String> words = new ArrayList<>();
    told.answers().forEach(answer -> words.add(answer.verdict().name()));
    return String.join(" ", words);
  }

  /** Explains, and has a union that can be changed say whether it is so. */
  private Explanation trueOf(String path) throws Exception {
    Explanation told = explain(path);
    Files.createDirectories(directory.resolve("work"));
    MountPlan plan =
        new MountPlan(
            explored("upper").plan().lowers(),
            bytes(directory.resolve("upper")),
            bytes(directory.resolve("work")),
            OverlayXattr.TRUSTED);
    LayerStack stack = LayerStack.open(plan, 64);
    try (UnionFs real = new UnionFs(stack, UnionOptions.DEFAULT.withMetacopy(true))) {
      UnionPaths paths = new UnionPaths(real);
      Explanation.Shown object = told.object();
      assertThat(paths.exists(path)).as("exists").isEqualTo(object != null);
      if (object == null) {
        return told;
      }
      assertThat(paths.stat(path).mode()).isEqualTo(object.mode());
      if (!Explain.isDirectory(object.mode())) {
        int layer = told.dataSource() < 0 ? told.source() : told.dataSource();
        String in = new String(told.layers().path(layer), UTF_8);
        assertThat(paths.read(path)).isEqualTo(Files.readString(Path.of(in, path)));
      } else {
        List<String> visible = new ArrayList<>();
        for (Explanation.Entry entry : told.entries()) {
          if (!entry.layers().isEmpty()) {
            visible.add(new String(entry.name(), UTF_8));
          }
        }
        assertThat(visible).containsExactlyElementsOf(paths.names(path));
      }
    }
    return told;
  }

  @Test
  void absentAndFound_andHiddenBelow() throws Exception {
    assertThat(verdicts(trueOf("etc/motd"))).isEqualTo("ABSENT FOUND HIDDEN NOT_ASKED");
    assertThat(verdicts(trueOf("up"))).isEqualTo("FOUND NOT_ASKED NOT_ASKED HIDDEN");
    assertThat(verdicts(trueOf("nowhere"))).isEqualTo("ABSENT ABSENT ABSENT ABSENT");
    assertThat(trueOf("etc/motd").answers().get(0).why()).isEqualTo("there is no /etc here");
  }

  @Test
  void merged() throws Exception {
    Explanation told = trueOf("etc");
    assertThat(verdicts(told)).isEqualTo("ABSENT FOUND MERGED MERGED");
    assertThat(told.entries().toString()).contains("layers=[1]").contains("layers=[3]");
  }

  @Test
  void whiteouts() throws Exception {
    assertThat(verdicts(trueOf("gone"))).isEqualTo("WHITEOUT NOT_ASKED NOT_ASKED HIDDEN");
    assertThat(verdicts(trueOf("deleted"))).isEqualTo("ABSENT WHITEOUT NOT_ASKED HIDDEN");
    assertThat(verdicts(trueOf("aufs/f"))).isEqualTo("ABSENT WHITEOUT HIDDEN ABSENT");
  }

  @Test
  void opaque() throws Exception {
    assertThat(verdicts(trueOf("opaque"))).isEqualTo("ABSENT OPAQUE_STOP HIDDEN HIDDEN");
    Explanation old = trueOf("opaque/old");
    assertThat(verdicts(old)).isEqualTo("ABSENT ABSENT NOT_ASKED NOT_ASKED");
    assertThat(old.answers().get(2).why()).isEqualTo("/opaque is opaque in layer 3");
  }

  @Test
  void nonDirectoryEndsTheMerge() throws Exception {
    assertThat(verdicts(trueOf("dir"))).isEqualTo("ABSENT FOUND HIDDEN_BY_NON_DIRECTORY HIDDEN");
  }

  @Test
  void redirected() throws Exception {
    Explanation told = trueOf("moved");
    assertThat(verdicts(told)).isEqualTo("REDIRECTED ABSENT ABSENT MERGED");
    assertThat(new String(told.answers().get(3).at(), UTF_8)).isEqualTo("/old");
    assertThat(told.entries()).hasSize(1);
  }

  @Test
  void attributesHere_dataBelow() throws Exception {
    Explanation told = trueOf("meta");
    assertThat(verdicts(told)).isEqualTo("ATTRIBUTES_ONLY ABSENT ABSENT DATA");
    assertThat(told.source()).isZero();
    assertThat(told.dataSource()).isEqualTo(3);
  }

  @Test
  void markThatCannotBeFollowed_isTold() throws Exception {
    ExploredLayers all = explored("upper");
    ExploredLayers careful =
        new ExploredLayers(all.plan(), false, false, true, true, false, ImmutableList.of());
    Explanation told = Explain.of(careful, "moved".getBytes(UTF_8));
    assertThat(ExplanationText.of(told, null).get(0))
        .contains("cannot follow one of its marks")
        .contains("EPERM");
  }

  @Test
  void directoryTellsWhatIsHidden_andWhereEntriesComeFrom() throws Exception {
    Explanation root = Explain.of(explored("upper"), "/".getBytes(UTF_8));
    List<String> lines = ExplanationText.of(root, null);
    assertThat(lines).anyMatch(line -> line.matches(" *deleted +- in layer 1, deleted by layer 3"));
    assertThat(lines).anyMatch(line -> line.matches(" *etc/ +3 \\+ 2 \\+ 1"));
    assertThat(lines).anyMatch(line -> line.matches(" *up +upper"));
  }

  @Test
  void withoutUpper_aChangeIsToldForAnEmptyOne() throws Exception {
    Explanation told = Explain.of(explored(null), "etc/last".getBytes(UTF_8));
    assertThat(ExplanationText.of(told, null))
        .contains("What a change would do in a mount with an empty upper directory:")
        .contains("  write     copy up /etc: directory")
        .contains("            copy up /etc/last: 1B of data, synced before it becomes visible");
  }

  @Test
  void json() throws Exception {
    JsonObject top =
        JsonParser.parseString(ExplanationJson.of(explain("etc/motd"), null)).getAsJsonObject();
    assertThat(top.get("exists").getAsBoolean()).isTrue();
    assertThat(top.get("layer").getAsInt()).isEqualTo(3);
    assertThat(top.getAsJsonArray("layers")).hasSize(4);
    assertThat(
            top.getAsJsonObject("changes")
                .getAsJsonObject("write")
                .getAsJsonArray("steps")
                .get(1)
                .getAsJsonObject()
                .get("bytes")
                .getAsInt())
        .isEqualTo(3);
  }

  @Test
  void withAMeasurement_itIsToldHowLongACopyTakes() throws Exception {
    layer("l3", "large=" + "x".repeat(3000));
    CopyUpCost cost =
        CopyUpCost.parse(
            """
            {"format": 1, "cases": [
            {"fs":"ext4","pattern":"first-byte","size":1000,"engine":"plyfs","durableNanos":[9,1000000,2]},
            {"fs":"ext4","pattern":"first-byte","size":1000,"engine":"plyfs","durableNanos":[]},
            {"fs":"ext4","pattern":"first-byte","size":5000,"engine":"plyfs","durableNanos":[3000009]},
            {"fs":"xfs","pattern":"first-byte","size":1000,"engine":"plyfs","durableNanos":2000000},
            {"fs":"xfs","pattern":"chmod","size":3000,"engine":"plyfs","durableNanos":7},
            {"fs":"xfs","pattern":"first-byte","size":3000,"engine":"kernel","durableNanos":7}]}
            """);
    List<String> lines =
        ExplanationText.of(Explain.of(explored(null), "large".getBytes(UTF_8)), cost);
    assertThat(lines).contains("            about 1.50ms on ext4, 6.00ms on xfs as measured");
    assertThat(ExplanationJson.of(Explain.of(explored(null), "large".getBytes(UTF_8)), cost))
        .contains("\"estimatedNanos\":{\"ext4\":1500009,\"xfs\":6000000}")
        .contains("\"estimatedNanos\":{}"); // a deletion copies nothing
    assertThatThrownBy(() -> CopyUpCost.parse("[1]")).hasMessageContaining("not a result of");
    assertThatThrownBy(() -> CopyUpCost.parse("{\"cases\":[]}")).hasMessageContaining("no samples");
  }

  private void link(String path, String target) throws Exception {
    Path link = directory.resolve(path);
    Files.createDirectories(link.getParent());
    Files.createSymbolicLink(link, Path.of(target));
  }

  /** 'explain IMAGE /bin/ls' was refused where /bin is a link. */
  @Test
  void linksOnTheWay_areFollowedInsideTheUnion_andTold() throws Exception {
    link("l1/conf", "etc");
    link("l2/a/abs", "/conf");
    link("l3/a/out", "../../../../etc");
    link("l1/etc/self", ".");
    for (String path : List.of("conf/motd", "a/abs/motd", "a/out/motd", "/etc/self/self/motd")) {
      Explanation told = explain(path);
      assertThat(verdicts(told)).as(path).isEqualTo("ABSENT FOUND HIDDEN NOT_ASKED");
      assertThat(new String(told.path(), UTF_8)).isEqualTo("/etc/motd");
    }
    assertThat(ExplanationText.of(explain("a/abs/motd"), null))
        .startsWith(
            "/a/abs is a symbolic link to /conf, followed to /etc/motd",
            "/conf is a symbolic link to etc, followed to /etc/motd");
    assertThat(ExplanationJson.of(explain("conf/motd"), null))
        .contains("\"path\":\"/etc/motd\",\"followed\":[{\"link\":\"/conf\",\"target\":\"etc\"}]");
  }

  @Test
  void linkAtTheEnd_isExplainedItself_unlessASlashFollows() throws Exception {
    link("l1/conf", "etc");
    assertThat(ExplanationText.of(explain("conf"), null).get(0))
        .startsWith("/conf: symbolic link to etc, mode 0777, from layer 3");
    assertThat(new String(explain("conf/").path(), UTF_8)).isEqualTo("/etc");
    link("l1/top", "a/..");
    Files.createDirectories(directory.resolve("l1/a"));
    assertThat(new String(explain("top/").path(), UTF_8)).isEqualTo("/");
    assertThatThrownBy(() -> explain("etc/motd/"))
        .hasMessage("/etc/motd is not a directory (ENOTDIR)");
  }

  @Test
  void linksInACircle_areOneSentence() throws Exception {
    link("l1/one", "two");
    link("l2/two", "one");
    assertThatThrownBy(() -> explain("one/x"))
        .isInstanceOf(Explain.CannotExplainException.class)
        .hasMessageContaining("the path has more than 40 (ELOOP)");
    assertThatThrownBy(() -> explain("n".repeat(256) + "/x")).hasMessageContaining("ENAMETOOLONG");
  }

  /** The byte 0xFF and the text \xff were shown alike. */
  @Test
  void namesThatAreNoText_areEscapedAlikeInTextAndJson() throws Exception {
    Path l1 = directory.resolve("l1/names");
    Files.createDirectories(l1);
    try (Fd dir = Fd.open(bytes(l1), Linux.O_RDONLY | Linux.O_DIRECTORY)) {
      for (byte[] name : List.of(new byte[] {(byte) 0xff}, "\\xff".getBytes(UTF_8))) {
        Fd.openat(dir, name, Linux.O_WRONLY | Linux.O_CREAT, 0600).close();
      }
    }
    Explanation told = explain("names");
    assertThat(ExplanationText.of(told, null).toString()).contains(" \\xff ").contains(" \\\\xff ");
    List<String> names = new ArrayList<>();
    JsonParser.parseString(ExplanationJson.of(told, null))
        .getAsJsonObject()
        .getAsJsonArray("entries")
        .forEach(entry -> names.add(entry.getAsJsonObject().get("name").getAsString()));
    assertThat(names).containsExactlyInAnyOrder("\\xff", "\\\\xff");
  }

  @Test
  void wordsInJson_areInOneCaseStyle() throws Exception {
    for (String path : List.of("etc/motd", "opaque", "gone", "dir", "moved", "meta")) {
      assertThat(ExplanationJson.of(explain(path), null))
          .doesNotContainPattern("\"(verdict|kind|type)\":\"[^\"]*[^a-z\"-]");
    }
  }

  @Test
  void pathThroughAFileOrNothing_isOneSentence() {
    assertThatThrownBy(() -> explain("up/x"))
        .isInstanceOf(Explain.CannotExplainException.class)
        .hasMessage("/up is not a directory (ENOTDIR)");
    assertThatThrownBy(() -> explain("no/x")).hasMessageStartingWith("there is no /no: ");
  }
}
