package plyfs.image;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import plyfs.copy.LayerChanges;
import plyfs.explore.ExploredLayers;
import plyfs.image.disk.StoreFiles;
import plyfs.image.load.ImageMaker;
import plyfs.image.model.ConfigDraft;
import plyfs.image.model.Digest;
import plyfs.image.model.ProgressListener;
import plyfs.image.model.Reference;
import plyfs.image.store.StoredImage;
import plyfs.layer.MountPlan;
import plyfs.layer.MountRefusedException;
import plyfs.layer.OverlayXattr;
import plyfs.layer.OverrideAttribute;
import plyfs.layer.WhiteoutForm;
import plyfs.model.TreeSnapshot;
import plyfs.sys.ErrnoException;

/** What an upper directory changes, made the layer of a new image. */
final class CommitTest {
  private static final ConfigDraft.Step STEP =
      new ConfigDraft.Step(Instant.parse("2025-01-02T03:04:05Z"), "commit", "me", "why");

  @TempDir Path directory;
  private TestStore test;
  private final List<String> notices = new ArrayList<>();

  @BeforeEach
  void makeStore() {
    TestStore.requireRoot();
    test = new TestStore(directory);
  }

  /** A base of two layers, with hard links, deletions and every type of object. */
  private StoredImage base() throws IOException {
    byte[] lowest =
        new TestTar()
            .directory("a")
            .file("a/a", "one")
            .directory("a/b")
            .file("a/b/c", "x".repeat(200_000))
            .hardLink("a/b/d", "a/b/c")
            .hardLink("h", "a/b/c")
            .symlink("a/d", "b")
            .xattr("user.old", new byte[] {1, 0, 2})
            .file("b", "file")
            .mode(02751)
            .owner(7, 8)
            .directory("c")
            .directory("c/a")
            .file("c/a/b", "deep")
            .fifo("d")
            .bytes();
    byte[] upper =
        new TestTar()
            .file("a/.wh.a", "")
            .directory("c/d")
            .file("c/d/e", "new")
            .file("e\377", "bytes")
            .bytes();
    return test.store.find(
        test.load(new TestImage().layer(lowest).layer(upper).docker24()).id().hex());
  }

  private List<Path> lowers(StoredImage image) throws IOException {
    return test.store.lowerDirectories(image);
  }

  private static ExploredLayers layers(
      List<Path> lowers, Path upper, Path work, boolean index, boolean aufs) {
    return layers(lowers, upper, work, index, aufs, OverlayXattr.TRUSTED);
  }

  private static ExploredLayers layers(
      List<Path> lowers, Path upper, Path work, boolean index, boolean aufs, OverlayXattr marks) {
    ImmutableList<byte[]> below =
        lowers.stream().map(StoreFiles::bytes).collect(ImmutableList.toImmutableList());
    MountPlan plan =
        new MountPlan(
            below,
            ImmutableList.of(),
            StoreFiles.bytes(upper),
            StoreFiles.bytes(work),
            marks,
            WhiteoutForm.CHAR,
            OverrideAttribute.NONE,
            index,
            false);
    return new ExploredLayers(plan, true, true, aufs, false, true, ImmutableList.of());
  }

  private StoredImage commit(StoredImage parent, ExploredLayers layers, String... changes)
      throws IOException {
    ConfigDraft config = ConfigDraft.of("parent", test.store.config(parent));
    config.change(List.of(changes));
    Digest id =
        ImageMaker.make(
            test.store,
            config,
            STEP,
            out -> written(layers, out),
            Reference.parse("new:1"),
            ProgressListener.SILENT);
    return test.store.find(id.toString());
  }

  private boolean written(ExploredLayers layers, OutputStream out) throws IOException {
    try {
      return LayerChanges.write(layers, out, notices::add);
    } catch (MountRefusedException | ErrnoException e) {
      throw new IOException(e);
    }
  }

  private static String lowerdir(List<Path> lowers) {
    return "lowerdir=" + lowers.stream().map(Path::toString).collect(Collectors.joining(":"));
  }

  private Path mount(String options) throws Exception {
    Path at = Files.createDirectories(directory.resolve("merged"));
    TestCommand.run("mount", "-t", "overlay", "overlay", "-o", options, at.toString());
    return at;
  }

  /** What the mount shows, without the time of its root, which each mount has its own of. */
  private static SortedMap<String, String> snapshot(Path at, boolean countsLinks) throws Exception {
    SortedMap<String, String> lines =
        new TreeMap<>(TreeSnapshot.of(StoreFiles.bytes(at), Set.of(), List.of()));
    lines.computeIfPresent(".", (path, line) -> line.replaceAll(" mtime=\\S+", ""));
    lines.values().removeIf(line -> line.startsWith(" socket "));
    if (!countsLinks) {
      lines.replaceAll((path, line) -> line.replaceAll(" nlink=\\d+", ""));
    }
    return lines;
  }

  /** Random changes as shell commands; those that fail are passed over. */
  private static String changes(long seed) {
    Random random = new Random(seed);
    List<String> names = List.of("a", "b", "c", "d", "e", "h", "$(printf 'e\\377')");
    // An open of a FIFO would wait.
    StringBuilder script = new StringBuilder("w() { [ ! -e \"$1\" ] || [ -f \"$1\" ]; }\n");
    for (int i = 0; i < 60; i++) {
      String one = path(random, names);
      String other = path(random, names);
      script.append(
          switch (random.nextInt(16)) {
            case 0 -> "w " + one + " && echo " + i + " >" + one;
            case 1 -> "w " + one + " && echo " + i + " >>" + one;
            case 2 -> "mkdir -p " + one;
            case 3 -> "rm -rf " + one;
            case 4, 5 -> "mv " + one + " " + other;
            case 6, 7 -> "mv -T " + one + " " + other;
            case 8 -> "ln " + one + " " + other;
            case 9 -> "ln -sfn " + i + " " + one;
            case 10 -> "chown -h " + i + ":" + (i + 1) + " " + one;
            case 11 -> "chmod " + (random.nextBoolean() ? 4711 : 600) + " " + one;
            case 12 -> "setfattr -h -n user.x" + i + " -v 0x00ff0a3d" + " " + one;
            case 13 -> "mknod " + one + " c 250 " + i + "; mkfifo " + other;
            case 14 -> "rm -rf " + one + "; mkdir " + one + "; echo " + i + " >" + one + "/b";
            default ->
                "w "
                    + one
                    + " && truncate -s 3M "
                    + one
                    + "; touch -d 2001-02-03T04:05:06.789 "
                    + other;
          });
      script.append("\n");
    }
    return script.toString();
  }

  private static String path(Random random, List<String> names) {
    StringBuilder path = new StringBuilder("./" + names.get(random.nextInt(names.size())));
    while (random.nextInt(5) < 2) {
      path.append('/').append(names.get(random.nextInt(names.size())));
    }
    return "\"" + path + "\"";
  }

  @ParameterizedTest
  @CsvSource({
    "1, 'redirect_dir=off,metacopy=off,index=off'",
    "2, 'redirect_dir=on,metacopy=on,index=off'",
    "3, 'redirect_dir=on,metacopy=on,index=off'",
    "4, 'redirect_dir=on,metacopy=on,index=on'",
    "5, 'redirect_dir=on,metacopy=on,index=on'",
    "6, 'redirect_dir=on,metacopy=off,index=on'",
    "7, 'userxattr,index=off'",
  })
  void randomChangesThroughTheKernel_committedAndMountedAnew_areWhatTheMountShowed(
      int seed, String options) throws Exception {
    StoredImage base = base();
    Path upper = Files.createDirectories(directory.resolve("upper"));
    Path work = Files.createDirectories(directory.resolve("work"));
    String all = lowerdir(lowers(base)) + ",upperdir=" + upper + ",workdir=" + work;
    boolean index = options.contains("index=on");
    OverlayXattr marks = options.contains("userxattr") ? OverlayXattr.USER : OverlayXattr.TRUSTED;
    for (int round = 0; round < 3; round++) {
      Path at = mount(all + "," + options);
      SortedMap<String, String> shown;
      String script = changes(seed * 100L + round);
      try {
        new ProcessBuilder("timeout", "60", "sh", "-c", script)
            .directory(at.toFile())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor();
        shown = snapshot(at, !index);
      } finally {
        TestCommand.run("umount", at.toString());
      }
      StoredImage committed = commit(base, layers(lowers(base), upper, work, index, true, marks));
      mount(lowerdir(lowers(committed)));
      try {
        assertThat(TreeSnapshot.diff(shown, snapshot(at, !index))).as(script).isEmpty();
      } finally {
        TestCommand.run("umount", at.toString());
      }
    }
    assertThat(notices).isEmpty();
  }

  private static TestTar everything() {
    return new TestTar()
        .mode(02755)
        .owner(1, 2)
        .directory(".")
        .file("d/.wh..wh..opq", "")
        .file("e/.wh.gone", "")
        .file("e/.wh." + "g".repeat(120), "")
        .pax("mtime", "1700000000.000000001")
        .pax("uid", "4000000000")
        .xattr("user.bin", new byte[] {0, '\n', '=', (byte) 0xff})
        .xattr(
            "security.capability",
            new byte[] {1, 0, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
        .file("\u00ff\u00fe", "x")
        .hardLink("h", "\u00ff\u00fe")
        .pax("mtime", "-7.5")
        .symlink("s", "\u00fe".repeat(200))
        .directory("a/" + "b".repeat(96) + "/" + "c".repeat(99))
        .file("n".repeat(255), "y".repeat(100_000))
        .device('4', "b", 259, 70_000)
        .fifo("p");
  }

  /** What {@link #everything} takes away. */
  private static byte[] below() {
    return new TestTar()
        .directory("d")
        .file("d/old", "")
        .directory("e")
        .file("e/gone", "")
        .file("e/" + "g".repeat(120), "")
        .bytes();
  }

  private byte[] tarOf(Path lower, Path upper) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(written(layers(List.of(lower), upper, directory, false, true), out)).isTrue();
    return out.toByteArray();
  }

  @Test
  void layerWrittenAndUnpackedAgain_isTheSame_andSoIsItsTar() throws IOException {
    Path lower = test.unpack(below());
    Path layer = test.unpack(everything().bytes());
    byte[] tar = tarOf(lower, layer);
    Path again = new TestStore(Files.createDirectory(directory.resolve("again"))).unpack(tar);
    List<String> expected = TestTree.withTimes(layer);
    assertThat(TestTree.withTimes(again)).isEqualTo(expected);
    assertThat(expected).hasSize(14).anyMatch(l -> l.startsWith("e/gone 20000 "));
    assertThat(tarOf(lower, again)).isEqualTo(tar);
  }

  @Test
  void gnuTarReadsALayer() throws Exception {
    TestCommand.require("tar");
    Path layer = test.unpack(everything().bytes());
    Path file = Files.write(directory.resolve("layer.tar"), tarOf(test.unpack(below()), layer));
    Path out = Files.createDirectory(directory.resolve("out"));
    TestCommand.run(
        "tar",
        "--xattrs",
        "--xattrs-include=*",
        "--numeric-owner",
        "-C",
        out.toString(),
        "-xpf",
        file.toString());
    assertThat(TestTree.withTimes(out))
        .anyMatch(line -> line.startsWith("d/.wh..wh..opq 100600 0:0 '' nlink=1 "))
        .anyMatch(line -> line.startsWith("e/.wh.gone 100600 0:0 '' nlink=1 "))
        .containsAll(
            TestTree.withTimes(layer).stream()
                .filter(l -> !l.contains("opaque") && !l.contains(" 20000 "))
                .toList());
  }

  @Test
  void configuration_keepsWhatItHas_andGetsOneStepAndOneLayer() throws IOException {
    byte[] layer = new TestTar().file("f", "x").bytes();
    String text =
        "{\"architecture\":\"amd64\",\"os\":\"linux\",\"x.unknown\":{\"n\":1.50,\"z\":null},"
            + "\"config\":{\"Cmd\":[\"old\"],\"Env\":[\"PATH=/bin\"],\"Healthcheck\":{\"Test\":[\"NONE\"]}},"
            + "\"history\":[{\"created_by\":\"a <b> & 'c'\"}],\"rootfs\":{\"type\":\"layers\","
            + "\"diff_ids\":[\""
            + Digest.sha256(layer)
            + "\"]}}";
    ConfigDraft config = ConfigDraft.of("parent", text.getBytes(UTF_8));
    config.change(List.of("ENV PATH=$PATH:/x", "USER me"));
    Digest added = Digest.sha256(new byte[] {1});
    config.add(STEP, added);
    String result = new String(config.bytes(), UTF_8);
    assertThat(result)
        .contains("\"x.unknown\":{\"n\":1.50,\"z\":null}")
        .contains("\"Env\":[\"PATH=/bin:/x\"]")
        .contains("\"Healthcheck\":{\"Test\":[\"NONE\"]},\"User\":\"me\"")
        .contains("a <b> & 'c'")
        .contains(Digest.sha256(layer) + "\",\"" + added + "\"]")
        .contains(
            ",{\"created\":\"2025-01-02T03:04:05Z\",\"created_by\":\"commit\",\"author\":\"me\","
                + "\"comment\":\"why\"}]")
        .contains("\"created\":\"2025-01-02T03:04:05Z\",\"author\":\"me\"");
  }

  @Test
  void mountWithoutChanges_makesAnImageOfTheSameLayers() throws IOException {
    StoredImage base = base();
    Path upper = Files.createDirectories(directory.resolve("upper"));
    StoredImage committed = commit(base, layers(lowers(base), upper, directory, false, true));
    assertThat(committed.chainIds()).isEqualTo(base.chainIds());
    assertThat(committed.id()).isNotEqualTo(base.id());
    JsonObject config =
        JsonParser.parseString(new String(test.store.config(committed), UTF_8)).getAsJsonObject();
    JsonArray history = config.getAsJsonArray("history");
    assertThat(history.get(history.size() - 1).getAsJsonObject().get("empty_layer").getAsBoolean())
        .isTrue();
  }

  @Test
  void nameThatWouldDeleteAnother_isRefused_andTheStoreStays() throws IOException {
    StoredImage base = base();
    Path upper = Files.createDirectories(directory.resolve("upper"));
    Files.createFile(upper.resolve(".wh.x"));
    assertThatThrownBy(() -> commit(base, layers(lowers(base), upper, directory, false, false)))
        .hasMessage(
            "cannot put '.wh.x' into a layer, where a name that begins with '.wh.' deletes another"
                + " one: rename or remove it");
    assertThat(test.store.images()).hasSize(1);
  }

  @Test
  void socket_isLeftOut_andWhatItReplacedIsDeleted() throws Exception {
    StoredImage base = base();
    Path upper = Files.createDirectories(directory.resolve("upper"));
    Path socket = upper.resolve("b");
    TestCommand.run(
        "python3", "-c", "import socket; socket.socket(socket.AF_UNIX).bind('" + socket + "')");
    byte[] tar = tarOf(lowers(base).get(1), upper);
    assertThat(new String(tar, ISO_8859_1)).contains("\0.wh.b\0").doesNotContain("\0b\0");
    assertThat(notices).containsExactly("left out the socket 'b', for which tar has no type");
  }

  @Test
  void sameChanges_giveTheSameImage() throws IOException {
    StoredImage base = base();
    Path upper = Files.createDirectories(directory.resolve("upper"));
    Files.writeString(upper.resolve("new"), "x");
    ExploredLayers layers = layers(lowers(base), upper, directory, false, true);
    assertThat(commit(base, layers).id()).isEqualTo(commit(base, layers).id());
  }
}
