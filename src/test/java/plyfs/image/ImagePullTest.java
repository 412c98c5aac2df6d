package plyfs.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static plyfs.image.TestRegistry.MANIFEST;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plyfs.image.load.LoadOptions;
import plyfs.image.model.BadImageException;
import plyfs.image.model.Digest;
import plyfs.image.model.LoadLimits;
import plyfs.image.model.Platform;
import plyfs.image.model.ProgressListener;
import plyfs.image.registry.RegistryClient;
import plyfs.image.save.ImageSaver;
import plyfs.image.save.SaveFormat;
import plyfs.image.store.ImageNames;
import plyfs.image.store.StoreVerification;
import plyfs.image.store.StoredImage;
import plyfs.image.transfer.ImagePull;
import plyfs.image.transfer.ImagePush;
import plyfs.image.transfer.PulledImage;
import plyfs.image.transfer.RemoteName;
import plyfs.image.transfer.TransferListener;
import plyfs.image.tree.UnpackRules;

/** Images between a registry and a store, byte for byte. */
final class ImagePullTest {
  private static final String LAYERS = "/v2/app/blobs/.*";

  @TempDir Path directory;
  private TestStore test;
  private TestRegistry registry;

  @BeforeEach
  void start() throws IOException {
    TestStore.requireRoot();
    test = new TestStore(directory);
    registry = new TestRegistry();
  }

  @AfterEach
  void stop() {
    if (registry != null) {
      registry.close();
    }
  }

  private static byte[] layer(String name) {
    byte[] content = new byte[100_000];
    new Random(name.hashCode()).nextBytes(content);
    return new TestTar().file(name, content).bytes();
  }

  private static TestImage image(String... layers) {
    TestImage image = new TestImage().compression(TestImage::gzip);
    for (String layer : layers) {
      image.layer(layer(layer));
    }
    return image;
  }

  private RegistryClient client() throws IOException {
    return new RegistryClient(registry.host(), registry.access(), null);
  }

  private RemoteName name(String rest) throws IOException {
    return RemoteName.parse(registry.host() + "/" + rest);
  }

  private PulledImage pull(String rest) throws IOException {
    return pull(rest, null);
  }

  private PulledImage pull(String rest, @Nullable Platform platform) throws IOException {
    return new ImagePull(test.store, client(), TransferListener.SILENT).pull(name(rest), platform);
  }

  private List<String> left() throws IOException {
    try (Stream<Path> all = Files.list(test.store.root().resolve("tmp"))) {
      return all.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void pull_keepsEveryDigest() throws IOException {
    TestImage image = image("a", "b");
    Digest manifest = registry.layout("app", "1", image.oci());
    PulledImage pulled = pull("app:1");
    assertThat(pulled).isEqualTo(new PulledImage(image.id(), manifest, true));
    StoredImage stored = test.store.find(registry.host() + "/app:1");
    assertThat(stored.tags()).containsExactly(registry.host() + "/app:1");
    assertThat(stored.digests()).containsExactly(registry.host() + "/app@" + manifest);
    assertThat(test.store.blob(Digest.sha256(TestImage.gzip(layer("a")))))
        .hasBinaryContent(TestImage.gzip(layer("a")));
    assertThat(test.store.blob(manifest))
        .hasBinaryContent(image.oci().get("blobs/sha256/" + manifest.hex()));
    assertThat(left()).isEmpty();
    assertThat(pull("app:1").isNew()).isFalse();
    assertThat(registry.count("GET /v2/app/blobs/.*"))
        .as("layers, and the configuration twice")
        .isEqualTo(4);
  }

  @Test
  void pullWithoutBlobs_keepsNone_andFetchesNoneAgain() throws IOException {
    TestImage image = image("a", "b");
    Digest manifest = registry.layout("app", "1", image.oci());
    LoadOptions options = new LoadOptions(UnpackRules.ALL, false, 4);
    ImagePull puller = new ImagePull(test.store, client(), TransferListener.SILENT);
    puller.pull(name("app:1"), null, options);
    assertThat(test.store.hasBlob(manifest)).isFalse();
    assertThat(test.store.find("sha256:" + image.id().hex()).digests())
        .containsExactly(registry.host() + "/app@" + manifest);
    assertThat(puller.pull(name("app:1"), null, options).isNew()).isFalse();
    assertThat(registry.count("GET /v2/app/blobs/.*"))
        .as("layers, and the configuration twice")
        .isEqualTo(4);
  }

  @Test
  void pullOverALimit_isRefused_andTheStoreStaysAsItWas() throws IOException {
    registry.layout("app", "1", image("a", "b").oci());
    LoadLimits limits = LoadLimits.NONE.with("layers", 1);
    LoadOptions options = new LoadOptions(new UnpackRules(limits, true, true), true, 2);
    ImagePull puller = new ImagePull(test.store, client(), TransferListener.SILENT);
    assertThatThrownBy(() -> puller.pull(name("app:1"), null, options))
        .hasMessageContaining("layers");
    assertThat(test.store.images()).isEmpty();
  }

  @Test
  void pullByDigest_givesNoTag() throws IOException {
    Digest manifest = registry.layout("app", "1", image("a").oci());
    pull("app@" + manifest);
    StoredImage stored = test.store.find(registry.host() + "/app@" + manifest);
    assertThat(stored.tags()).isEmpty();
    assertThat(stored.digests()).containsExactly(registry.host() + "/app@" + manifest);
  }

  @Test
  void index_leadsToThisPlatform_andItsDigestIsNoted() throws IOException {
    TestImage image = image("a");
    Digest index = registry.layout("app", "1", image.nestedOci());
    PulledImage pulled = pull("app:1");
    assertThat(pulled).isEqualTo(new PulledImage(image.id(), index, true));
    assertThat(test.store.find(image.id().hex()).digests())
        .containsExactly(registry.host() + "/app@" + index);
    assertThat(test.store.manifests(image.id())).hasSize(1);
  }

  @Test
  void platformThatIsNotThere_isSaidWithThoseThatAre() throws IOException {
    Digest index = registry.layout("app", "1", image("a").nestedOci());
    assertThatThrownBy(() -> pull("app:1", Platform.parse("linux/riscv64")))
        .isInstanceOf(BadImageException.class)
        .hasMessage(
            registry.host()
                + "/app:1 ("
                + index
                + ") has no image for linux/riscv64, only for [linux/pdp11, "
                + Platform.current()
                + "]");
    assertThat(test.store.root()).doesNotExist();
  }

  @Test
  void imageOfAnotherPlatform_isTakenUnlessOneIsAskedFor() throws IOException {
    TestImage image = image("a").architecture("s390x");
    registry.layout("app", "1", image.oci());
    assertThatThrownBy(() -> pull("app:1", Platform.parse("linux/amd64")))
        .hasMessage(registry.host() + "/app:1 is for linux/s390x, not for linux/amd64");
    assertThat(pull("app:1", Platform.parse("linux/s390x")).id()).isEqualTo(image.id());
  }

  @Test
  void whatIsNoImage_isRefusedByName() throws IOException {
    String one = "{\"schemaVersion\":1,\"fsLayers\":[]}";
    registry.manifest("app", "old", MANIFEST, one.getBytes(UTF_8));
    assertThatThrownBy(() -> pull("app:old"))
        .hasMessageEndingWith(
            "is of Docker's schema 1, which is not supported: push the image anew");
    String chart =
        "{\"schemaVersion\":2,\"artifactType\":\"application/chart\",\"config\":{},\"layers\":[]}";
    registry.manifest("app", "chart", MANIFEST, chart.getBytes(UTF_8));
    assertThatThrownBy(() -> pull("app:chart"))
        .hasMessage(registry.host() + "/app:chart is no image but 'application/chart'");
    registry.manifest("app", "empty", MANIFEST, "{\"schemaVersion\":2}".getBytes(UTF_8));
    assertThatThrownBy(() -> pull("app:empty"))
        .hasMessage(registry.host() + "/app:empty is no image");
  }

  @Test
  void layersThatTheStoreHas_areNotFetched() throws IOException {
    registry.layout("app", "1", image("a").oci());
    registry.layout("app", "2", image("a", "b").oci());
    pull("app:1");
    pull("app:2");
    Digest shared = Digest.sha256(TestImage.gzip(layer("a")));
    assertThat(registry.count("GET /v2/app/blobs/" + shared)).isEqualTo(1);
  }

  /** So that a push gives the same digests. */
  @Test
  void layerThatCameUnpackedBefore_isFetchedForItsBytes() throws IOException {
    test.load(image("a").tag("app:1").docker25());
    registry.layout("app", "1", image("a").oci());
    pull("app:1");
    assertThat(test.store.hasBlob(Digest.sha256(TestImage.gzip(layer("a"))))).isTrue();
  }

  @Test
  void layerThatIsTwiceInAnImage_isFetchedOnce() throws IOException {
    registry.layout("app", "1", image("a", "a").oci());
    pull("app:1");
    assertThat(registry.count("GET " + LAYERS)).as("the configuration, too").isEqualTo(2);
  }

  @Test
  void pullThatFails_leavesTheStoreAsItWas_andTheNextOneGoesOn() throws IOException {
    registry.layout("app", "1", image("a").oci());
    for (int i = 0; i < 20; i++) {
      // The configuration comes first.
      registry.next(
          "GET",
          "/v2/app/blobs/" + Digest.sha256(TestImage.gzip(layer("a"))),
          registry.cutAfter(i == 0 ? 40_000 : 0));
    }
    assertThatThrownBy(() -> pull("app:1")).hasMessageContaining("the connection was cut after");
    assertThat(test.store.images()).isEmpty();
    assertThat(left())
        .containsExactly("partial-sha256-" + Digest.sha256(TestImage.gzip(layer("a"))).hex());
    long had = Files.size(test.store.root().resolve("tmp").resolve(left().get(0)).resolve("blob"));
    registry.close();
    registry = new TestRegistry();
    registry.layout("app", "1", image("a").oci());
    pull("app:1");
    assertThat(registry.count(".* bytes=" + had + "-")).isEqualTo(had > 0 ? 1 : 0);
    assertThat(left()).isEmpty();
  }

  @Test
  void whatNobodyGoesOnWith_isRemovedAfterADay() throws IOException {
    registry.layout("app", "1", image("a").oci());
    pull("app:1");
    Path partial = test.store.root().resolve("tmp/partial-sha256-" + "0".repeat(64));
    Files.createDirectory(partial);
    Path blob = Files.write(partial.resolve("blob"), new byte[10]);
    pull("app:1");
    assertThat(left()).hasSize(1);
    Files.setLastModifiedTime(blob, FileTime.from(Instant.now().minusSeconds(90_000)));
    pull("app:1");
    assertThat(left()).isEmpty();
  }

  @Test
  void layerWithOtherBytes_isRefused_alsoWhereItsDigestIsRight() throws IOException {
    TestImage image = image("a");
    TestImage other = image("b");
    Map<String, byte[]> files = image.oci();
    registry.layout("app", "1", files);
    Digest manifest = registry.layout("app", "wrong", other.oci());
    String text =
        new String(other.oci().get("blobs/sha256/" + manifest.hex()), UTF_8)
            .replace(
                Digest.sha256(TestImage.gzip(layer("b"))).toString(),
                Digest.sha256(TestImage.gzip(layer("a"))).toString())
            .replaceAll(
                "(layer.v1.tar\".*?\"size\":)[0-9]+", "$1" + TestImage.gzip(layer("a")).length);
    registry.manifest("app", "wrong", MANIFEST, text.getBytes(UTF_8));
    assertThatThrownBy(() -> pull("app:wrong"))
        .isInstanceOf(BadImageException.class)
        .hasMessageContaining("is damaged: expected the digest");
    assertThat(test.store.images()).isEmpty();
    assertThat(left()).as("the bytes are what their digest says").hasSize(1);
  }

  @Test
  void damagedLayer_isRepairedFromTheRegistry() throws IOException {
    TestImage image = image("a", "b");
    registry.layout("app", "1", image.oci());
    pull("app:1");
    StoredImage stored = test.store.find(image.id().hex());
    Files.writeString(test.store.lowerDirectories(stored).get(0).resolve("b"), "changed");
    StoreVerification before = new StoreVerification(test.store, what -> {});
    before.verify(List.of(image.id()));
    assertThat(before.damage()).hasSize(1);
    new ImagePull(test.store, client(), TransferListener.SILENT)
        .pull(name("app:1"), null, before.damage().keySet());
    StoreVerification after = new StoreVerification(test.store, what -> {});
    after.verify(List.of(image.id()));
    assertThat(after.damage()).isEmpty();
  }

  // Pushes

  private ImagePush.PushedImage push(String rest) throws IOException {
    return new ImagePush(test.store, client(), TransferListener.SILENT).push(name(rest).name());
  }

  private void tag(String from, String to) throws IOException {
    new ImageNames(test.store, ProgressListener.SILENT)
        .put(registry.host() + "/" + from, name(to).name());
  }

  @Test
  void whatWasPulled_isPushedWithTheSameDigests() throws IOException {
    TestImage image = image("a", "b");
    Digest manifest = registry.layout("app", "1", image.oci());
    pull("app:1");
    tag("app:1", "other/app:2");
    assertThat(push("other/app:2").digest()).isEqualTo(manifest);
    assertThat(registry.manifestBytes("other/app", "2"))
        .isEqualTo(image.oci().get("blobs/sha256/" + manifest.hex()));
    for (String layer : List.of("a", "b")) {
      byte[] bytes = TestImage.gzip(layer(layer));
      assertThat(registry.blobBytes("other/app", Digest.sha256(bytes))).isEqualTo(bytes);
    }
    assertThat(registry.count("POST .*mount=.*from=app.*")).as("layers").isEqualTo(2);
    assertThat(test.store.find(image.id().hex()).digests())
        .containsExactly(
            registry.host() + "/app@" + manifest, registry.host() + "/other/app@" + manifest);
  }

  @Test
  void whatTheRegistryHas_isNotSentAgain() throws IOException {
    registry.layout("app", "1", image("a").oci());
    pull("app:1");
    tag("app:1", "app:2");
    push("app:2");
    assertThat(registry.count("POST .*")).isZero();
    assertThat(registry.count("PUT .*")).isEqualTo(1);
  }

  @Test
  void imageOfAnArchive_isPushedWithGzip_andTheSameEachTime() throws IOException {
    TestImage image = image("a", "b").tag(registry.host() + "/app:1");
    test.load(image.docker25());
    ImagePush.PushedImage first = push("app:1");
    assertThat(push("app:1")).isEqualTo(first);
    assertThat(registry.count("PUT .*/uploads/.*")).as("two layers, configuration").isEqualTo(3);
    TestStore other = new TestStore(Files.createDirectory(directory.resolve("other")));
    new ImagePull(other.store, client(), TransferListener.SILENT).pull(name("app:1"), null);
    assertThat(other.store.find(image.id().hex()).chainIds())
        .isEqualTo(test.store.find(image.id().hex()).chainIds());
    Path saved = directory.resolve("saved");
    new ImageSaver(other.store, SaveFormat.OCI_DIRECTORY, () -> false)
        .write(List.of(image.id().hex()), saved);
    assertThat(saved.resolve("blobs/sha256/" + first.digest().hex())).exists();
  }

  @Test
  void layersWithoutCompression_arePushedAsTheyCame() throws IOException {
    TestImage image = new TestImage().layer(layer("a"));
    Digest manifest = registry.layout("app", "1", image.oci());
    pull("app:1");
    tag("app:1", "plain:1");
    assertThat(push("plain:1").digest()).isEqualTo(manifest);
    assertThat(registry.blobBytes("plain", Digest.sha256(layer("a")))).isEqualTo(layer("a"));
  }

  @Test
  void imageThatIsNotThere_isSaid() {
    assertThatThrownBy(() -> push("app:none")).hasMessageContaining("there is no image '");
    assertThat(registry.requests()).isEmpty();
  }

  @Test
  void pushThatIsForbidden_isSaid() throws IOException {
    registry.layout("app", "1", image("a").oci());
    pull("app:1");
    tag("app:1", "other:1");
    registry.next("HEAD", ".*", TestRegistry.status(403));
    assertThatThrownBy(() -> push("other:1"))
        .hasMessageContaining("answers with status 403: if it is there,");
    assertThat(left()).isEmpty();
  }
}
