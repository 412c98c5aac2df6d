package plyfs.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
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
            TestImage.zstd(TestImage.tarBytes(image.oci())))) {
      Path file = Files.write(directory.resolve("packed"), packed);
      LoadedImage again = test.load(file).get(0);
      assertThat(again.id()).isEqualTo(image.id());
      assertThat(again.layers()).extracting(LoadedLayer::alreadyPresent).containsOnly(true);
    }
    assertThat(test.store.images()).hasSize(1);
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
