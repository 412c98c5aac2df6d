package plyfs.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plyfs.image.model.BadImageException;
import plyfs.image.model.Descriptor;
import plyfs.image.model.Digest;

/** Manifests and compressed layers are kept as they came, so that their digests stay true. */
final class KeptBlobsTest {
  private static final byte[] TAR = TestTar.ofFile("a", "1");

  @TempDir Path directory;
  private TestStore test;

  @BeforeEach
  void makeStore() {
    TestStore.requireRoot();
    test = new TestStore(directory);
  }

  private static TestImage image(UnaryOperator<byte[]> compression) {
    return new TestImage().layer(TAR).layer(TAR).tag("app:1").compression(compression);
  }

  private Path blobs() {
    return test.store.root().resolve("blobs/sha256");
  }

  private static List<String> names(Path directory) throws IOException {
    try (var names = Files.list(directory)) {
      return names.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void layoutsManifestAndLayers_areKeptByteForByte() throws IOException {
    TestImage image = image(TestImage::gzip);
    test.load(image.oci());
    byte[] layer = TestImage.gzip(TAR);
    List<Descriptor> manifests = test.store.manifests(image.id());
    assertThat(manifests).hasSize(1);
    Digest manifest = manifests.get(0).digest();
    assertThat(manifests.get(0).annotations()).isEmpty();
    assertThat(names(blobs()))
        .containsExactlyInAnyOrder(Digest.sha256(layer).hex(), manifest.hex());
    assertThat(test.store.blob(Digest.sha256(layer))).hasBinaryContent(layer);
    assertThat(test.store.blob(manifest))
        .hasBinaryContent(image.oci().get("blobs/sha256/" + manifest.hex()));
    assertThat(test.store.find(image.id().hex()).digests()).containsExactly("app@" + manifest);
    assertThat(test.store.find("app:1").tags()).containsExactly("app:1");
  }

  @Test
  void layerThatIsNotCompressed_isKeptOnce() throws IOException {
    TestImage image = image(UnaryOperator.identity());
    test.load(image.oci());
    assertThat(names(blobs()))
        .containsExactly(test.store.manifests(image.id()).get(0).digest().hex());
  }

  @Test
  void archiveOfDocker_needsNoBlob() throws IOException {
    test.load(image(TestImage::gzip).docker25());
    assertThat(test.store.root().resolve("blobs")).doesNotExist();
    assertThat(test.store.manifests(image(TestImage::gzip).id())).isEmpty();
  }

  @Test
  void layerThatWasThereWithoutItsBlob_getsIt_andAnImageHasSeveralManifests() throws IOException {
    test.load(image(TestImage::gzip).docker25());
    test.load(image(TestImage::gzip).oci());
    test.load(image(TestImage::zstd).oci());
    test.load(image(TestImage::gzip).oci());
    assertThat(names(blobs())).hasSize(4);
    assertThat(test.store.blob(Digest.sha256(TestImage.zstd(TAR)))).exists();
    List<Descriptor> manifests = test.store.manifests(image(TestImage::gzip).id());
    assertThat(manifests).hasSize(2);
    Digest last = manifests.get(1).digest();
    assertThat(image(TestImage::gzip).oci()).containsKey("blobs/sha256/" + last.hex());
    assertThat(test.store.images()).hasSize(1);
    assertThat(test.store.find(image(TestImage::gzip).id().hex()).digests()).hasSize(2);
  }

  /** A manifest could give a layer that is there the bytes of another one. */
  @Test
  void blobWhoseTarIsAnotherOne_isRefused_alsoWhereTheLayerIsThere() throws IOException {
    test.load(image(TestImage::gzip).docker25());
    List<String> before = TestTree.of(test.store.root());
    TestImage other = new TestImage().layer(TAR).layer(TAR).tag("app:1");
    byte[] wrong = TestImage.gzip(TestTar.ofFile("a", "2"));
    Map<String, byte[]> files = other.compression(tar -> wrong).oci();
    assertThatThrownBy(() -> test.load(files))
        .isInstanceOf(BadImageException.class)
        .hasMessageContaining("the uncompressed layer " + Digest.sha256(wrong) + " is damaged");
    assertThat(TestTree.of(test.store.root())).isEqualTo(before);
  }
}
