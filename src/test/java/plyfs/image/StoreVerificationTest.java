package plyfs.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plyfs.image.load.ImageLoader;
import plyfs.image.model.Digest;
import plyfs.image.model.ProgressListener;
import plyfs.image.store.LayerHolds;
import plyfs.image.store.StoreVerification;

/** A change of each kind of thing in a store is found, named, and repaired from an archive. */
final class StoreVerificationTest {
  private static final byte[] LAYER = TestTar.ofFile("file", "content");

  @TempDir Path directory;
  private TestStore test;
  private TestImage image;
  private Path archive;

  @BeforeEach
  void load() throws IOException {
    TestStore.requireRoot();
    test = new TestStore(directory);
    image =
        new TestImage()
            .layer(LAYER)
            .layer(TestTar.ofFile("other", "1"))
            .compression(TestImage::gzip)
            .tag("image:1");
    archive = TestImage.tar(directory.resolve("image.tar"), image.oci());
    test.load(archive);
  }

  private Map<Digest, String> damage() throws IOException {
    StoreVerification verification = new StoreVerification(test.store, what -> {});
    verification.verify(StoreVerification.allImages(test.store));
    assertThat(verification.extent()).isEqualTo("1 image, 2 layers, 3 blobs");
    return verification.damage();
  }

  private void repair() throws IOException {
    ImageLoader.repair(archive, test.store, ProgressListener.SILENT, damage().keySet());
  }

  private Path layer() throws IOException {
    return test.store.lowerDirectories(test.store.find("image:1")).get(1);
  }

  /** Damage, the digest that is named, and what the sentence says. */
  private void findsAndRepairs(Path damaged, Digest named, String sentence) throws IOException {
    List<String> before = TestTree.of(test.store.root());
    assertThat(damage()).isEmpty();
    Files.write(damaged, "x".getBytes(UTF_8), StandardOpenOption.APPEND);
    assertThat(damage()).hasSize(1).containsKey(named);
    assertThat(damage().get(named)).contains(sentence);
    repair();
    assertThat(damage()).isEmpty();
    assertThat(TestTree.of(test.store.root())).isEqualTo(before);
  }

  @Test
  void changedFileOfALayer() throws IOException {
    findsAndRepairs(
        layer().resolve("file"), Digest.sha256(LAYER), "was changed in the store: 'file' is");
  }

  @Test
  void changedManifest() throws IOException {
    Digest manifest = test.store.manifests(image.id()).get(0).digest();
    Files.write(test.store.blob(manifest), new byte[] {' '}, StandardOpenOption.APPEND);
    assertThat(damage()).containsOnlyKeys(manifest);
    repair();
    assertThat(damage()).isEmpty();
  }

  @Test
  void changedCompressedLayer() throws IOException {
    Digest blob = Digest.sha256(TestImage.gzip(LAYER));
    findsAndRepairs(test.store.blob(blob), blob, "blob " + blob + " was changed in the store");
  }

  @Test
  void missingFileOfALayer_isFound_andALayerWithoutItsDirectoryToo() throws Exception {
    Files.delete(layer().resolve("file"));
    assertThat(damage().get(Digest.sha256(LAYER))).contains("'file' is missing");
    repair();
    Path whole = layer().resolveSibling("").normalize();
    TestCommand.run("rm", "-r", whole.toString());
    assertThat(damage()).containsOnlyKeys(Digest.sha256(LAYER));
    repair();
    assertThat(damage()).isEmpty();
    assertThat(whole.resolve("diff/file")).hasContent("content");
  }

  @Test
  void changedConfiguration_isRepaired_withItsNames() throws IOException {
    Path config =
        test.store.root().resolve("image/overlay2/imagedb/content/sha256/" + image.id().hex());
    Files.writeString(config, "{}");
    StoreVerification verification = new StoreVerification(test.store, what -> {});
    verification.verify(List.of(image.id()));
    assertThat(verification.damage().get(image.id()))
        .contains("its configuration")
        .contains("was changed");
    ImageLoader.repair(
        archive, test.store, ProgressListener.SILENT, verification.damage().keySet());
    assertThat(damage()).isEmpty();
    assertThat(test.store.find("image:1").id()).isEqualTo(image.id());
  }

  @Test
  void damagedLayerOfAMount_isNotReplaced() throws IOException {
    Files.writeString(layer().resolve("file"), "changed");
    List<String> before = TestTree.of(test.store.root());
    try (LayerHolds held = LayerHolds.of(List.of(layer().toString().getBytes(UTF_8)))) {
      assertThatThrownBy(this::repair)
          .hasMessageStartingWith("cannot replace the damaged layer ")
          .hasMessageEndingWith("which a mount uses: unmount it first");
      assertThat(held).isNotNull();
    }
    assertThat(TestTree.of(test.store.root())).isEqualTo(before);
  }

  @Test
  void archiveWithoutTheDamagedLayer_leavesItAsItIs() throws IOException {
    Files.writeString(layer().resolve("file"), "changed");
    Path other =
        TestImage.tar(
            directory.resolve("other.tar"),
            new TestImage().layer(TestTar.ofFile("z", "z")).tag("z:1").docker24());
    ImageLoader.repair(other, test.store, ProgressListener.SILENT, damageOfOne().keySet());
    assertThat(layer().resolve("file")).hasContent("changed");
  }

  private Map<Digest, String> damageOfOne() throws IOException {
    Map<Digest, String> damage = damage();
    assertThat(damage).hasSize(1);
    return damage;
  }
}
