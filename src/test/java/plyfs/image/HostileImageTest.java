package plyfs.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import plyfs.image.model.BadImageException;
import plyfs.image.model.Digest;

/** What is not sound is refused with one clear sentence, and the store stays as it was. */
final class HostileImageTest {
  @TempDir Path directory;
  private TestStore test;
  private List<String> before = List.of();

  @BeforeEach
  void makeStoreWithAnImage() throws IOException {
    TestStore.requireRoot();
    test = new TestStore(directory);
    test.load(new TestImage().layer(TestTar.ofFile("kept", "1")).tag("kept").docker24());
    before = TestTree.of(test.store.root());
    Files.writeString(directory.resolve("outside"), "untouched");
  }

  private void assertRefused(Path source, String... message) throws IOException {
    var refused = assertThatThrownBy(() -> test.load(source)).isInstanceOf(BadImageException.class);
    for (String part : message) {
      refused.hasMessageContaining(part);
    }
    refused.hasMessageNotContaining("\n");
    assertThat(TestTree.of(test.store.root())).isEqualTo(before);
    assertThat(directory.resolve("outside")).hasContent("untouched");
  }

  static Stream<Arguments> entries() {
    byte[] none = new byte[0];
    return Stream.of(
        Arguments.of(tar().file("../x", ""), "entry '../x': the path leads out of the layer"),
        Arguments.of(
            tar().file("a/../../x", ""), "entry 'a/../../x': the path leads out of the layer"),
        Arguments.of(
            tar().symlink("a", "b").symlink("b", "a").file("a/x", ""),
            "entry 'a/x': 'a' leads through too many symbolic links"),
        Arguments.of(
            tar().symlink("a", "../.wh..wh.plnk").file("a/x", ""),
            "entry 'a/x': a symbolic link above it leads to '.wh..wh.plnk'"),
        Arguments.of(
            tar().file("f", "").symlink("a", "f").file("a/x", ""),
            "entry 'a/x': 'f' is not a directory"),
        Arguments.of(tar().file("f", "").file("f/x", ""), "entry 'f/x': 'f' is not a directory"),
        Arguments.of(
            tar().hardLink("h", "../../outside"),
            "entry 'h': hard link to '../../outside': the path leads out of the layer"),
        Arguments.of(
            tar().hardLink("h", "/etc/passwd"),
            "entry 'h': hard link to '/etc/passwd': it is neither in this layer nor in those below"),
        Arguments.of(
            tar().hardLink("h", "missing"),
            "entry 'h': hard link to 'missing': it is neither in this layer nor in those below"),
        Arguments.of(
            tar().symlink("out", "/etc").hardLink("h", "out/passwd"),
            "entry 'h': hard link to 'out/passwd': it is neither in this layer nor in those below"),
        Arguments.of(
            tar().directory("d").hardLink("h", "d"), "hard link to 'd': that is a directory"),
        Arguments.of(tar().file("h", "").hardLink("h", "h"), "that cannot be linked to"),
        Arguments.of(tar().file(".wh.", ""), "entry '.wh.': the whiteout hides no name"),
        Arguments.of(tar().file("a/.wh...", ""), "entry 'a/.wh...': the whiteout hides no name"),
        Arguments.of(
            tar().file(".wh.a/b", ""), "entry '.wh.a/b': it lies below the whiteout '.wh.a'"),
        Arguments.of(
            tar().device('3', "w", 0, 0), "entry 'w': a character device 0:0 would hide a file"),
        Arguments.of(tar().device('3', "w", 5000, 0), "device number 5000:0 is larger than"),
        Arguments.of(tar().pax("path", "a\0b").file("x", ""), "the path contains a NUL"),
        Arguments.of(tar().pax("path", "n".repeat(256)).file("x", ""), "a name in the path"),
        Arguments.of(tar().pax("path", "d/".repeat(2048)).file("x", ""), "longer than 4095 bytes"),
        Arguments.of(
            tar().pax("comment", "x".repeat(1 << 20)).file("x", ""),
            "1048593 bytes of an extended header are more than the 1048576 that are allowed"),
        Arguments.of(
            tar().headerOnly('x', "p", 1L << 32),
            "4294967296 bytes of an extended header are more than"),
        Arguments.of(
            tar().entry('x', "p", "", "9999999 a=b\n".getBytes(UTF_8)).file("x", ""),
            "malformed extended header record at byte 0"),
        Arguments.of(
            tar().entry('g', "p", "", "9 size=1\n".getBytes(UTF_8)).file("x", ""),
            "a global extended header sets the size of entries"),
        Arguments.of(
            manyHeaders(),
            "17 extended headers for one entry are more than the 16 that are allowed"),
        Arguments.of(tar().pax("mtime", "yesterday").file("x", ""), "'yesterday', not a time"),
        Arguments.of(tar().pax("uid", "4294967295").file("x", ""), "is larger than Linux allows"),
        Arguments.of(tar().entry('Z', "z", "", none), "entry 'z': its type 'Z' cannot be unpacked"),
        Arguments.of(tar().entry('1', "h", "f", new byte[9]), "carries 9 bytes of data"),
        Arguments.of(tar().symlink("s", ""), "the symbolic link has no target"),
        Arguments.of(tar().headerOnly('0', "f", 5000).data(new byte[512]), "truncated tar"),
        Arguments.of(tar().data(bytes("not a header at all")), "malformed"),
        Arguments.of(tar().file(".", ""), "the root of a layer can only be a directory"),
        Arguments.of(sparseBackwards(), "malformed map of a sparse file"),
        Arguments.of(
            tar().oldSparse("s", 2049), "bytes of a sparse file's map are more than the 1048576"),
        Arguments.of(repeatedOffsets(), "bytes of a sparse file's map are more than the 1048576"),
        Arguments.of(
            tar()
                .pax("GNU.sparse.major", "1")
                .pax("GNU.sparse.realsize", "9".repeat(19))
                .file("s", bytes("0\n")),
            "'" + "9".repeat(19) + "', a number of more than 18 digits"),
        Arguments.of(longMap(), "bytes of a sparse file's map are more than the 1048576"));
  }

  /** It took 41 seconds, because each record copied those before. */
  private static TestTar repeatedOffsets() {
    byte[] header = "23 GNU.sparse.offset=1\n".repeat(45_000).getBytes(UTF_8);
    TestTar tar = tar();
    for (int i = 0; i < 16; i++) {
      tar.entry('x', "p", "", header);
    }
    return tar.file("x", "");
  }

  private static TestTar longMap() {
    return tar()
        .pax("GNU.sparse.major", "1")
        .pax("GNU.sparse.realsize", "100")
        .file("s", ("900000\n" + "0\n".repeat(600_000)).getBytes(UTF_8));
  }

  private static TestTar tar() {
    return new TestTar();
  }

  private static byte[] bytes(String text) {
    return Arrays.copyOf(text.getBytes(UTF_8), 512);
  }

  private static TestTar manyHeaders() {
    TestTar tar = tar();
    for (int i = 0; i < 17; i++) {
      tar.entry('x', "p", "", "9 mode=1\n".getBytes(UTF_8));
    }
    return tar.file("x", "");
  }

  private static TestTar sparseBackwards() {
    return tar()
        .pax("GNU.sparse.major", "1")
        .pax("GNU.sparse.minor", "0")
        .pax("GNU.sparse.realsize", "100")
        .file("s", bytes("2\n50\n10\n0\n10\n"));
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("entries")
  void entryThatCannotBeUnpackedSafely(TestTar layer, String message) throws IOException {
    byte[] tar = layer.bytes();
    TestImage image =
        new TestImage().layer(TestTar.ofFile("good", "1")).layer(tar).compression(TestImage::gzip);
    assertRefused(
        TestImage.tar(directory.resolve("docker"), image.docker24()),
        "layer " + Digest.sha256(tar),
        message);
    assertRefused(
        TestImage.tar(directory.resolve("oci"), image.oci()),
        "layer " + Digest.sha256(TestImage.gzip(tar)),
        message);
  }

  private static TestImage image() {
    byte[] content = new byte[100_000];
    new Random(1).nextBytes(content);
    return new TestImage()
        .layer(new TestTar().file("f", content).bytes())
        .tag("x")
        .compression(TestImage::gzip);
  }

  private static String layerBlob(Map<String, byte[]> files) {
    return files.entrySet().stream()
        .filter(f -> f.getValue().length > 90_000)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow();
  }

  private static byte[] content(Map<String, byte[]> files, String name) {
    return Objects.requireNonNull(files.get(name));
  }

  @Test
  void flippedByteInALayer() throws IOException {
    for (Map<String, byte[]> files :
        List.of(image().oci(), image().containerd(), image().docker24(), image().docker25())) {
      byte[] layer = content(files, layerBlob(files));
      for (int at : new int[] {3, 700, layer.length / 2, layer.length - 5}) {
        layer[at] ^= 0x10;
        assertRefused(
            TestImage.tar(directory.resolve("flipped"), files), "layer sha256:", "damaged");
        layer[at] ^= 0x10;
      }
    }
  }

  @Test
  void flippedByteInConfigOrManifest() throws IOException {
    Map<String, byte[]> docker = image().docker24();
    String config = image().id().hex() + ".json";
    docker.put(config, new String(image().config(), UTF_8).replace("2024", "2025").getBytes(UTF_8));
    assertRefused(
        TestImage.tar(directory.resolve("i"), docker),
        "'" + config + "' in ",
        "is damaged: expected the digest " + image().id());
    Map<String, byte[]> oci = image().oci();
    String blob = "blobs/sha256/" + image().id().hex();
    oci.put(blob, new String(image().config(), UTF_8).replace("2024", "2025").getBytes(UTF_8));
    assertRefused(TestImage.tar(directory.resolve("i"), oci), "'" + blob + "' in ", "is damaged");
  }

  @Test
  void layerWithRightDigestButOfAnotherDiffId() throws IOException {
    Map<String, byte[]> files = image().docker24();
    files.put(layerBlob(files), TestTar.ofFile("other", "1"));
    assertRefused(
        TestImage.tar(directory.resolve("i"), files),
        "the uncompressed layer sha256:",
        "is damaged: expected the digest sha256:");
  }

  @Test
  void truncatedArchive_everywhere() throws IOException {
    byte[] whole = TestImage.tarBytes(image().docker24());
    for (int length : new int[] {0, 100, 511, 600, 50_000, 102_000}) {
      Path file = Files.write(directory.resolve("cut"), Arrays.copyOf(whole, length));
      assertRefused(file, "cut is not an image");
    }
    byte[] packed = TestImage.gzip(whole);
    Path file = Files.write(directory.resolve("cut"), Arrays.copyOf(packed, packed.length / 2));
    assertRefused(file, "cut is not an image archive, or is damaged: it cannot be decompressed");
  }

  @Test
  void blobThatIsTooLongTooShortOrMissing() throws IOException {
    Map<String, byte[]> files = image().oci();
    String blob = layerBlob(files);
    byte[] layer = content(files, blob);
    files.put(blob, Arrays.copyOf(layer, layer.length + 1));
    assertRefused(
        TestImage.tar(directory.resolve("i"), files),
        "layer sha256:",
        "is longer than the " + layer.length + " bytes that were promised");
    files.put(blob, Arrays.copyOf(layer, layer.length - 1));
    assertRefused(
        TestImage.tar(directory.resolve("i"), files),
        "is truncated: expected " + layer.length + " bytes, found " + (layer.length - 1));
    files.remove(blob);
    assertRefused(TestImage.tar(directory.resolve("i"), files), "'" + blob + "' is missing in ");
    Map<String, byte[]> docker = image().docker24();
    String name = layerBlob(docker);
    docker.remove(name);
    assertRefused(TestImage.tar(directory.resolve("i"), docker), "'" + name + "' is missing in ");
  }

  @Test
  void whatIsNotAnImage() throws IOException {
    assertRefused(directory.resolve("nothing"), "there is no file or directory");
    assertRefused(Files.write(directory.resolve("text"), new byte[4096]), "text is not an image");
    assertRefused(
        Files.writeString(directory.resolve("text"), "hello ".repeat(200)),
        "text is not an image archive, or is damaged");
    assertRefused(
        Files.write(directory.resolve("t"), TestTar.ofFile("etc/passwd", "x")),
        "neither 'manifest.json' nor 'index.json'");
    assertRefused(
        Files.createDirectory(directory.resolve("empty")), "empty is not an OCI image layout");
    assertRefused(
        Files.write(directory.resolve("xz"), new byte[] {(byte) 0xfd, '7', 'z', 'X', 'Z', 0, 1}),
        "xz is not an image archive, or is damaged: ",
        "xz cannot be decompressed");
  }

  @Test
  void metadataThatMakesNoSense() throws IOException {
    assertRefused(withManifest("{"), "is not valid JSON");
    assertRefused(withManifest("{}"), "is not a JSON array");
    assertRefused(withManifest("[]"), "lists no image");
    for (String loose : List.of("[NaN]", "[{Config:\"x\"}]", "[{'Config':\"x\"}]", "[] []")) {
      assertRefused(withManifest(loose), "is not valid JSON");
    }
    assertRefused(withManifest("[{}]"), "field 'Config' is missing");
    assertRefused(withManifest("[".repeat(100_000)), "is not valid JSON");
    String config = image().id().hex() + ".json";
    assertRefused(
        withManifest("[{\"Config\":\"" + config + "\",\"Layers\":[]}]"),
        "names 0 layers, but the configuration " + image().id() + " has 1 diff_ids");
    assertRefused(withManifest("[{\"Config\":\"../../etc/passwd\"}]"), "is missing in");
    Map<String, byte[]> files = image().skopeo();
    files.put(
        "manifest.json",
        new String(files.get("manifest.json"), UTF_8).replace("\"x\"", "\"A B\"").getBytes(UTF_8));
    assertRefused(TestImage.tar(directory.resolve("i"), files), "'A B' is not an image name");
  }

  private Path withManifest(String manifest) throws IOException {
    Map<String, byte[]> files = image().docker24();
    files.put("manifest.json", manifest.getBytes(UTF_8));
    return TestImage.tar(directory.resolve("i"), files);
  }

  @Test
  void noImageForThisMachine_amongSeveral() throws IOException {
    TestImage image = image().architecture("pdp11");
    Map<String, byte[]> files = image.nestedOci();
    String index = new String(files.get("index.json"), UTF_8);
    assertThat(index).contains("index.v1+json");
    assertRefused(
        TestImage.tar(directory.resolve("i"), files),
        "has no image for linux/",
        "only for [linux/pdp11, linux/pdp11]");
  }

  /** 20,000 layers took 2.9 GB, because each names all those below it. */
  @Test
  void moreLayersThanAnythingMounts() throws IOException {
    TestImage image = new TestImage();
    for (int i = 0; i < 501; i++) {
      image.layer(TestTar.ofFile("f", ""));
    }
    assertRefused(
        TestImage.tar(directory.resolve("i"), image.oci()),
        "image " + image.id() + ": 501 layers are more than the 500 that are allowed; rebuild");
  }

  @Test
  void indexOfArtifactsOnly_namesWhatItHolds() throws IOException {
    Map<String, byte[]> files = image().oci();
    String index = new String(content(files, "index.json"), UTF_8);
    files.put(
        "index.json",
        index.replace("\"digest\"", "\"artifactType\":\"text/a\",\"digest\"").getBytes(UTF_8));
    assertRefused(
        TestImage.tar(directory.resolve("i"), files),
        "lists no image, only sha256:",
        "which is 'text/a'");
  }

  @Test
  void linksInsideTheArchive_neverLeadOut() throws IOException {
    Map<String, byte[]> files = image().docker24();
    String name = layerBlob(files);
    byte[] manifest = files.get("manifest.json");
    files.remove(name);
    files.put(name + " -> ../../../../etc/passwd", new byte[0]);
    files.put("manifest.json", manifest);
    assertRefused(TestImage.tar(directory.resolve("i"), files), "'" + name + "' is missing in ");
    files.remove(name + " -> ../../../../etc/passwd");
    files.put(name + " -> layer.tar", new byte[0]);
    assertRefused(TestImage.tar(directory.resolve("i"), files), "'" + name + "' is missing in ");
  }
}
