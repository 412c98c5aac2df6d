package plyfs.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import plyfs.image.load.ImageLoader;
import plyfs.image.load.LoadedImage;
import plyfs.image.load.LoadedLayer;
import plyfs.image.model.Digest;
import plyfs.image.model.Platform;
import plyfs.image.model.ProgressListener;
import plyfs.image.store.StoredImage;

final class ImageLoaderTest {
  @TempDir Path directory;
  private TestStore test;

  @BeforeEach
  void makeStore() {
    TestStore.requireRoot();
    test = new TestStore(directory);
  }

  private static TestImage image() {
    byte[] base = new TestTar().mode(0755).directory("etc").mode(0644).file("etc/a", "1").bytes();
    byte[] top = TestTar.ofFile("etc/.wh.a", "");
    return new TestImage().layer(base).layer(top).layer(base).tag("demo:v1");
  }

  static Stream<Arguments> forms() {
    Map<String, Function<TestImage, Map<String, byte[]>>> forms = new LinkedHashMap<>();
    forms.put("docker 24", TestImage::docker24);
    forms.put("skopeo", TestImage::skopeo);
    forms.put("docker 25", TestImage::docker25);
    forms.put("containerd", TestImage::containerd);
    forms.put("oci", TestImage::oci);
    forms.put("nested oci", TestImage::nestedOci);
    Map<String, UnaryOperator<byte[]>> methods = new LinkedHashMap<>();
    methods.put("plain", UnaryOperator.identity());
    methods.put("gzip", TestImage::gzip);
    methods.put("gzip in two members", TestImage::gzipInTwoMembers);
    methods.put("zstd", TestImage::zstd);
    methods.put("xz", TestImage::xz);
    methods.put("bzip2", TestImage::bzip2);
    return forms.entrySet().stream()
        .flatMap(
            form ->
                methods.entrySet().stream()
                    .map(
                        method ->
                            Arguments.of(
                                form.getKey() + ", " + method.getKey(),
                                form.getValue(),
                                method.getValue())));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("forms")
  void everyForm_givesTheSameImage(
      String name, Function<TestImage, Map<String, byte[]>> form, UnaryOperator<byte[]> compression)
      throws IOException {
    TestImage image = image().compression(compression);
    LoadedImage loaded = test.load(form.apply(image));
    assertThat(loaded.id()).as(name).isEqualTo(image.id());
    assertThat(loaded.tags()).containsExactly("demo:v1");
    assertThat(loaded.layers()).extracting(LoadedLayer::alreadyPresent).containsOnly(false);
    List<Path> lower = test.store.lowerDirectories(test.store.find("demo:v1"));
    assertThat(lower).hasSize(3);
    assertThat(TestTree.of(lower.get(0))).contains("etc/a 100644 0:0 '1'");
    assertThat(TestTree.of(lower.get(1))).contains("etc/a 20000 0:0 dev=0");
    assertThat(TestTree.of(lower.get(2))).isEqualTo(TestTree.of(lower.get(0)));
  }

  @Test
  void ociDirectory_andArchiveCompressedAsAWhole_giveTheSameImage() throws IOException {
    TestImage image = image().compression(TestImage::gzip);
    Path layout = TestImage.directory(directory.resolve("layout"), image.oci());
    assertThat(test.load(layout).get(0).id()).isEqualTo(image.id());
    for (byte[] packed :
        List.of(
            TestImage.gzip(TestImage.tarBytes(image.docker24())),
            TestImage.zstd(TestImage.tarBytes(image.oci())),
            TestImage.xz(TestImage.tarBytes(image.skopeo())),
            TestImage.bzip2(TestImage.tarBytes(image.docker25())))) {
      Path file = Files.write(directory.resolve("packed"), packed);
      LoadedImage again = test.load(file).get(0);
      assertThat(again.id()).isEqualTo(image.id());
      assertThat(again.layers()).extracting(LoadedLayer::alreadyPresent).containsOnly(true);
    }
    assertThat(test.store.images()).hasSize(1);
  }

  /** A named FIFO hung or was called no image: it was opened twice. */
  @Test
  void fifo_isReadOnce() throws Exception {
    Path fifo = directory.resolve("fifo");
    TestCommand.run("mkfifo", fifo.toString());
    byte[] tar = TestImage.tarBytes(image().docker24());
    for (byte[] bytes : List.of(tar, TestImage.gzip(tar))) {
      Path file = Files.write(directory.resolve("file"), bytes);
      Process writer =
          new ProcessBuilder("cp", file.toString(), fifo.toString()).inheritIO().start();
      try {
        assertThat(test.load(fifo).get(0).id()).isEqualTo(image().id());
        assertThat(writer.waitFor()).isZero();
      } finally {
        writer.destroy();
      }
    }
  }

  @Test
  void openFile_isReadFromItsPositionOn() throws IOException {
    byte[] tar = TestImage.tarBytes(image().docker24());
    byte[] shifted = new byte[tar.length + 100];
    System.arraycopy(tar, 0, shifted, 100, tar.length);
    Path file = Files.write(directory.resolve("file"), shifted);
    FileChannel channel = FileChannel.open(file).position(100);
    assertThat(ImageLoader.load(channel, "input", test.store, ProgressListener.SILENT).get(0).id())
        .isEqualTo(image().id());
    assertThat(channel.isOpen()).isFalse();
  }

  /** As jib writes it; Go reads field names in any case. */
  @Test
  void manifestWithKeysInLowerCase_isRead() throws IOException {
    Map<String, byte[]> files = image().docker24();
    String manifest = new String(files.get("manifest.json"), UTF_8);
    files.put(
        "manifest.json",
        manifest
            .replace("\"Config\"", "\"config\"")
            .replace("\"RepoTags\"", "\"repoTags\"")
            .replace("\"Layers\"", "\"layers\"")
            .getBytes(UTF_8));
    assertThat(test.load(files).tags()).containsExactly("demo:v1");
  }

  private final List<String> notices = new ArrayList<>();

  private List<LoadedImage> loadWithNotices(Map<String, byte[]> files) throws IOException {
    notices.clear();
    Path file = TestImage.tar(Files.createTempFile(directory, "image", ".tar"), files);
    return ImageLoader.load(
        file,
        test.store,
        new ProgressListener() {
          @Override
          public void notice(String sentence) {
            notices.add(sentence);
          }
        });
  }

  @Test
  void nameThatCannotBeUsed_leavesTheImageItsId_withANotice() throws IOException {
    byte[] layer = TestTar.ofFile("f", "x");
    String digest = Digest.sha256(layer).toString();
    for (String name : List.of("1.0+2", "Name", "a b", "x@" + digest)) {
      LoadedImage loaded = loadWithNotices(new TestImage().layer(layer).tag(name).oci()).get(0);
      assertThat(loaded.tags()).as(name).isEmpty();
      assertThat(notices).singleElement().asString().contains("'" + name + "' cannot be the name");
    }
    TestImage both = new TestImage().layer(layer).tag("demo:v2@" + digest);
    assertThat(loadWithNotices(both.oci()).get(0).tags()).containsExactly("demo:v2");
    assertThat(notices).isEmpty();
  }

  @Test
  void nameThatIsNull_isNone() throws IOException {
    Map<String, byte[]> files = image().oci();
    String index = new String(files.get("index.json"), UTF_8);
    files.put("index.json", index.replace("\"demo:v1\"", "null").getBytes(UTF_8));
    assertThat(loadWithNotices(files).get(0).tags()).isEmpty();
  }

  private static String blob(Map<String, byte[]> files, String text) {
    byte[] bytes = text.getBytes(UTF_8);
    files.put("blobs/sha256/" + Digest.sha256(bytes).hex(), bytes);
    return "\"digest\":\"" + Digest.sha256(bytes) + "\",\"size\":" + bytes.length;
  }

  private static void addToIndex(Map<String, byte[]> files, String descriptor) {
    String index = new String(files.get("index.json"), UTF_8);
    files.put(
        "index.json",
        index.replace("\"manifests\":[", "\"manifests\":[{" + descriptor + "},").getBytes(UTF_8));
  }

  /** The load failed, or a signature became an image. */
  @Test
  void whatLiesBesideAnImage_isPassedOver_withANotice() throws IOException {
    Map<String, byte[]> files = image().oci();
    String empty = blob(files, "{}");
    String config = blob(files, new String(new TestImage().layer(new byte[1]).config(), UTF_8));
    String type = "\"mediaType\":\"application/vnd.oci.";
    String sbom =
        "{\"artifactType\":\"application/spdx+json\",\"config\":{" + empty + "},\"layers\":[]}";
    String chart = "{\"config\":{" + type + "empty.v1+json\"," + empty + "},\"layers\":[]}";
    String signature =
        "{\"config\":{"
            + type
            + "image.config.v1+json\","
            + config
            + "},\"layers\":[{\"mediaType\":\"application/vnd.dev.cosign.simplesigning.v1+json\","
            + empty
            + "}]}";
    addToIndex(
        files,
        "\"artifactType\":\"text/given\",\"digest\":\"sha256:" + "0".repeat(64) + "\",\"size\":1");
    for (String artifact : List.of(sbom, chart, signature)) {
      addToIndex(files, blob(files, artifact));
    }
    List<LoadedImage> loaded = loadWithNotices(files);
    assertThat(loaded).singleElement().extracting(LoadedImage::id).isEqualTo(image().id());
    assertThat(notices)
        .hasSize(4)
        .anyMatch(n -> n.endsWith("which is no image: application/spdx+json"))
        .anyMatch(n -> n.endsWith("which is no image: application/vnd.oci.empty.v1+json"))
        .anyMatch(n -> n.endsWith("simplesigning.v1+json"))
        .anyMatch(n -> n.endsWith("text/given"));
    assertThat(test.store.images()).hasSize(1);
  }

  /** It took amd64/v3, which stood first. */
  @Test
  void variantThatNotEveryMachineRuns_isNotTaken() throws IOException {
    String architecture = Platform.current().architecture();
    Map<String, byte[]> files = new TestImage().layer(TestTar.ofFile("f", "v9")).oci();
    String fast = new String(files.get("index.json"), UTF_8);
    files.putAll(image().oci());
    String plain = new String(files.get("index.json"), UTF_8);
    String platform = "\"platform\":{\"os\":\"linux\",\"architecture\":\"" + architecture + "\"";
    String both =
        fast.replace("\"digest\"", platform + ",\"variant\":\"v9\"},\"digest\"")
                .replaceAll("\\]\\}$", ",")
            + plain
                .replaceAll("\"annotations\":\\{[^}]*\\}", platform + "}")
                .replaceAll("^.*?\\[", "");
    files.put("index.json", both.getBytes(UTF_8));
    assertThat(test.load(files).id()).isEqualTo(image().id());
  }

  @Test
  void directoryOfSkopeo_isRead() throws IOException {
    Path flat = TestImage.directory(directory.resolve("flat"), image().flat());
    assertThat(test.load(flat)).singleElement().extracting(LoadedImage::id).isEqualTo(image().id());
  }

  @Test
  void imageWithoutLayers_isLoaded() throws IOException {
    TestImage image = new TestImage().tag("none");
    for (Map<String, byte[]> files : List.of(image.docker24(), image.oci())) {
      assertThat(test.load(files).id()).isEqualTo(image.id());
    }
    assertThat(test.store.lowerDirectories(test.store.find("none"))).isEmpty();
  }

  @Test
  void severalImagesAndTags_shareTheirLayers() throws IOException {
    byte[] shared = TestTar.ofFile("shared", "1");
    TestImage one = new TestImage().layer(shared).tag("one").tag("also/one:2");
    TestImage two = new TestImage().layer(shared).layer(TestTar.ofFile("own", "2")).tag("two");
    Map<String, byte[]> files = TestImage.oneLayout(one.oci(), two.oci());
    List<LoadedImage> loaded = test.load(TestImage.tar(directory.resolve("both.tar"), files));
    assertThat(loaded.stream().flatMap(i -> i.tags().stream()))
        .containsExactly("one:latest", "also/one:2", "two:latest");
    assertThat(test.store.images()).hasSize(2);
    assertThat(test.store.find("one").tags()).containsExactly("also/one:2", "one:latest");
    List<Path> lower = test.store.lowerDirectories(test.store.find("two"));
    assertThat(lower.get(1)).isEqualTo(test.store.lowerDirectories(test.store.find("one")).get(0));
  }

  @Test
  void imageIsFoundByNameAndDigits_ambiguousOrUnknownIsAnError() throws IOException {
    TestImage image = image();
    test.load(image.docker24());
    for (String text :
        List.of(
            "demo:v1",
            "docker.io/library/demo:v1",
            image.id().toString(),
            image.id().hex(),
            image.id().hex().substring(0, 6))) {
      assertThat(test.store.find(text).id()).as(text).isEqualTo(image.id());
    }
    assertThatThrownBy(() -> test.store.find("demo"))
        .hasMessageContaining("there is no image 'demo' in the store");
    for (int i = 0; i < 17; i++) {
      test.load(new TestImage().layer(TestTar.ofFile("f" + i, "")).skopeo());
    }
    // Of 18 image IDs two begin with the same of 16 digits.
    List<String> digits =
        test.store.images().stream().map(i -> i.id().hex().substring(0, 1)).toList();
    String twice =
        digits.stream().filter(d -> Collections.frequency(digits, d) > 1).findAny().orElseThrow();
    assertThatThrownBy(() -> test.store.find(twice))
        .hasMessageContaining("'" + twice + "' is the beginning of ")
        .hasMessageContaining("image IDs");
    assertThat(test.store.images()).hasSize(18);
  }

  @Test
  void untaggedImage_isLoadedWithoutName() throws IOException {
    TestImage image = new TestImage().layer(TestTar.ofFile("f", "x"));
    LoadedImage loaded = test.load(image.oci());
    assertThat(loaded.tags()).isEmpty();
    StoredImage stored = test.store.images().get(0);
    assertThat(stored.id()).isEqualTo(image.id());
    assertThat(stored.created()).isEqualTo("2024-02-03T04:05:06Z");
    assertThat(stored.size()).isEqualTo(1);
    assertThat(test.store.config(stored)).isEqualTo(image.config());
  }

  @Test
  void tagThatMoves_leavesTheOldImageWithoutName() throws IOException {
    TestImage old = new TestImage().layer(TestTar.ofFile("f", "old")).tag("app");
    TestImage fresh = new TestImage().layer(TestTar.ofFile("f", "new")).tag("app");
    test.load(old.docker25());
    test.load(fresh.docker25());
    assertThat(test.store.find("app").id()).isEqualTo(fresh.id());
    assertThat(test.store.find(old.id().shortHex()).tags()).isEmpty();
  }

  @Test
  void storeHasTheFilesOfDockersOverlay2() throws IOException {
    test.load(image().docker24());
    StoredImage stored = test.store.find("demo:v1");
    Path root = test.store.root();
    List<String> links = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      String chain = stored.chainIds().get(i).hex();
      Path layer = root.resolve("overlay2").resolve(chain);
      Path record = root.resolve("image/overlay2/layerdb/sha256").resolve(chain);
      assertThat(Files.readString(record.resolve("cache-id"))).isEqualTo(chain);
      assertThat(layer.resolve("committed")).exists();
      assertThat(layer.resolve("work").toFile().exists()).isEqualTo(i > 0);
      assertThat(record.resolve("parent").toFile().exists()).isEqualTo(i > 0);
      if (i > 0) {
        assertThat(Files.readString(layer.resolve("lower"))).isEqualTo(String.join(":", links));
        assertThat(Files.readString(record.resolve("parent")))
            .isEqualTo(stored.chainIds().get(i - 1).toString());
      }
      String link = Files.readString(layer.resolve("link"));
      assertThat(link).hasSize(26);
      assertThat(root.resolve("overlay2/l").resolve(link).toRealPath())
          .isEqualTo(layer.resolve("diff").toRealPath());
      links.add(0, "l/" + link);
    }
    assertThat(root.resolve("tmp")).isEmptyDirectory();
  }

  @Test
  void progressIsReportedUpToTheSizeOfTheLayer() throws IOException {
    byte[] tar = new TestTar().file("big", new byte[3_000_000]).bytes();
    Path file = TestImage.tar(directory.resolve("i.tar"), new TestImage().layer(tar).docker24());
    List<Long> done = new ArrayList<>();
    List<String> events = new ArrayList<>();
    ProgressListener listener =
        new ProgressListener() {
          @Override
          public void layerStarted(String layer, long totalBytes) {
            events.add("start " + totalBytes);
          }

          @Override
          public void layerProgress(String layer, long doneBytes, long totalBytes) {
            done.add(doneBytes);
          }

          @Override
          public void layerFinished(String layer, boolean alreadyPresent) {
            events.add("end " + alreadyPresent);
          }
        };
    ImageLoader.load(file, test.store, listener);
    ImageLoader.load(file, test.store, listener);
    assertThat(events).containsExactly("start " + tar.length, "end false", "end true");
    assertThat(done).isSorted().hasSizeGreaterThan(3).endsWith((long) tar.length);
  }
}
