package plyfs.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import plyfs.image.load.ImageLoader;
import plyfs.image.load.LoadOptions;
import plyfs.image.load.LoadedImage;
import plyfs.image.load.LoadedLayer;
import plyfs.image.model.BadImageException;
import plyfs.image.model.LoadLimits;
import plyfs.image.model.ProgressListener;
import plyfs.image.model.RefusedImageException;
import plyfs.image.store.LayerStore;
import plyfs.image.tree.UnpackRules;

/** Several layers at a time, limits and refusals that a person chooses. */
final class LoadOptionsTest {
  @TempDir Path directory;
  private TestStore test;

  @BeforeEach
  void makeStore() {
    TestStore.requireRoot();
    test = new TestStore(directory);
  }

  private LoadedImage load(LayerStore store, Map<String, byte[]> files, LoadOptions options)
      throws IOException {
    Path file = TestImage.tar(Files.createTempFile(directory, "image", ".tar"), files);
    return ImageLoader.load(file, store, ProgressListener.SILENT, options).get(0);
  }

  private static LoadOptions atOnce(int layers) {
    return new LoadOptions(UnpackRules.ALL, true, layers);
  }

  private static LoadOptions limit(String name, long value) {
    return new LoadOptions(new UnpackRules(LoadLimits.NONE.with(name, value), true, true), true, 2);
  }

  /** Each layer names what only those below it have, so it depends on all of them. */
  private static TestImage stack() {
    byte[] base =
        new TestTar()
            .mode(01777)
            .owner(3, 4)
            .directory("tmp")
            .mode(0640)
            .file("first", new byte[2_000_000])
            .symlink("bin", "usr/bin")
            .bytes();
    TestImage image = new TestImage().layer(base);
    for (int i = 1; i < 12; i++) {
      String before = i == 1 ? "first" : "link" + (i - 1);
      image.layer(
          new TestTar()
              .hardLink("link" + i, before)
              .file("tmp/inherited" + i, "1")
              .file("bin/x" + i, "2")
              .file("tmp/.wh.inherited" + (i - 1), "")
              .bytes());
    }
    return image.tag("stack");
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4, 12})
  void severalLayersAtOnce_giveWhatOneAfterTheOtherGives(int layers) throws IOException {
    TestImage image = stack().compression(TestImage::gzip);
    LayerStore single = new LayerStore(directory.resolve("single"));
    LoadedImage one = load(single, image.oci(), atOnce(1));
    LoadedImage several = load(test.store, image.oci(), atOnce(layers));
    assertThat(several.layers()).isEqualTo(one.layers());
    assertThat(TestTree.ofStore(test.store.root())).isEqualTo(TestTree.ofStore(single.root()));
  }

  /** What fails first is told, and no other layer adds to it. */
  @ParameterizedTest
  @ValueSource(ints = {0, 5, 11})
  void damagedLayer_stopsTheOthers_andTheStoreStaysAsItWas(int damaged) throws IOException {
    Map<String, byte[]> files = stack().docker24();
    List<String> layers =
        files.keySet().stream().filter(name -> name.endsWith("layer.tar")).toList();
    byte[] bytes = Objects.requireNonNull(files.get(layers.get(damaged)));
    bytes[bytes.length / 2 / 512 * 512 + 300] ^= 1;
    LoadedImage kept =
        load(test.store, new TestImage().layer(TestTar.ofFile("a", "b")).docker24(), atOnce(1));
    List<String> before = TestTree.of(test.store.root());
    assertThatThrownBy(() -> load(test.store, files, atOnce(4)))
        .isInstanceOf(BadImageException.class)
        .hasMessageContaining("is damaged: expected the digest")
        .hasMessageNotContaining("given up");
    assertThat(TestTree.of(test.store.root())).isEqualTo(before);
    assertThat(test.store.find(kept.id().hex())).isNotNull();
  }

  /** A load of an image that shares all but one layer costs that layer only. */
  @Test
  void layersThatTheStoreHas_areNotRead() throws IOException {
    byte[] base = new TestTar().file("big", new byte[300_000]).bytes();
    load(test.store, new TestImage().layer(base).docker24(), LoadOptions.DEFAULT);
    Map<String, byte[]> files =
        new TestImage().layer(base).layer(TestTar.ofFile("new", "1")).docker24();
    for (byte[] bytes : files.values()) {
      if (bytes.length == base.length) {
        // Whoever reads this finds that it is damaged.
        bytes[5000] ^= 1;
      }
    }
    assertThat(load(test.store, files, LoadOptions.DEFAULT).layers())
        .extracting(LoadedLayer::alreadyPresent)
        .containsExactly(true, false);
  }

  @ParameterizedTest
  @CsvSource({
    "bytes, 4096, 'bytes are more than the 4096 that ''--limit bytes='' allows'",
    "entries, 2, 'entry ''c'': the layer: 3 entries are more than the 2 that ''--limit entries='' allows'",
    "depth, 2, 'entry ''d/e/f'': the entry: 3 names in its path are more than the 2 that"
        + " ''--limit depth='' allows'",
    "layers, 1, '2 layers are more than the 1 that ''--limit layers='' allows'"
  })
  void moreThanALimit_isRefused(String name, long value, String message) throws IOException {
    byte[] base = new TestTar().file("a", "1").file("b", "2").file("c", "3").bytes();
    byte[] top =
        new TestTar().directory("d").file("d/e/f", new byte[20_000]).file("big", "1").bytes();
    Map<String, byte[]> files =
        new TestImage().layer(name.equals("depth") ? top : base).layer(top).docker24();
    assertThatThrownBy(() -> load(test.store, files, limit(name, value)))
        .isInstanceOf(BadImageException.class)
        .hasMessageContaining(message)
        .hasMessageContaining("if that is right, load it with a larger one");
    assertThat(test.store.images()).isEmpty();
    load(test.store, files, limit(name, 1_000_000));
  }

  /** Nothing more of a bomb is read once it is refused, also not for its digest. */
  @Test
  void layerThatGrowsTooMuch_isRefused() throws IOException {
    TestImage image =
        new TestImage().layer(new TestTar().file("zeros", new byte[40 << 20]).bytes());
    Map<String, byte[]> files = image.compression(TestImage::gzip).oci();
    assertThatThrownBy(() -> load(test.store, files, limit("ratio", 100)))
        .isInstanceOf(BadImageException.class)
        .hasMessageContaining("more than 100 times as many")
        .hasMessageContaining("load it with a larger '--limit ratio='");
    load(test.store, files, limit("ratio", 2000));
  }

  @Test
  void devicesAndSetuidPrograms_areRefusedWhereThePersonSaysSo() throws IOException {
    LoadOptions careful = new LoadOptions(new UnpackRules(LoadLimits.NONE, false, false), true, 1);
    Map<String, String> entries =
        Map.of(
            "null", "entry 'null': it is a device node, which '--no-devices' refuses",
            "su", "entry 'su': it is a setuid or setgid program, or has capabilities, which",
            "ping", "entry 'ping': it is a setuid or setgid program, or has capabilities, which");
    for (Map.Entry<String, String> entry : entries.entrySet()) {
      TestTar tar = new TestTar();
      switch (entry.getKey()) {
        case "null" -> tar.device('3', "null", 1, 3);
        case "su" -> tar.mode(04755).file("su", "1");
        default -> {
          byte[] capabilities = {1, 0, 0, 2, 0, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
          tar.xattr("security.capability", capabilities).file("ping", "1");
        }
      }
      Map<String, byte[]> files = new TestImage().layer(tar.bytes()).docker24();
      assertThatThrownBy(() -> load(test.store, files, careful))
          .isInstanceOf(BadImageException.class)
          .hasRootCauseInstanceOf(RefusedImageException.class)
          .hasMessageContaining(entry.getValue());
      load(test.store, files, LoadOptions.DEFAULT);
    }
    // A directory's setgid bit only gives its group on.
    byte[] group = new TestTar().mode(02755).directory("d").mode(0644).file("d/a", "1").bytes();
    load(test.store, new TestImage().layer(group).docker24(), careful);
  }

  /** What a manifest without its layers would promise cannot be given back, so it goes, too. */
  @Test
  void withoutBlobs_nothingCompressedIsKept() throws IOException {
    TestImage image = stack().compression(TestImage::gzip);
    LoadOptions small = new LoadOptions(UnpackRules.ALL, false, 2);
    assertThat(load(test.store, image.oci(), small).id()).isEqualTo(image.id());
    assertThat(test.store.root().resolve("blobs")).doesNotExist();
    assertThat(load(test.store, image.oci(), LoadOptions.DEFAULT).layers())
        .extracting(LoadedLayer::alreadyPresent)
        .containsOnly(true);
    assertThat(test.store.root().resolve("blobs/sha256")).isNotEmptyDirectory();
  }
}
