package plyfs.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plyfs.image.model.ProgressListener;
import plyfs.image.model.Reference;
import plyfs.image.store.ImageNames;
import plyfs.image.store.ImageRemoval;
import plyfs.image.store.ImageRemoval.Removed;
import plyfs.image.store.LayerHolds;
import plyfs.image.store.StoreLoad;
import plyfs.image.store.StoreUsage;
import plyfs.image.store.StoredImage;

/** Names come and go, images go with their last one, and layers with their last image. */
final class ImageRemovalTest {
  private static final byte[] SHARED = TestTar.ofFile("shared", "12345");

  @TempDir Path directory;
  private TestStore test;
  private TestImage base;
  private TestImage web;

  @BeforeEach
  void load() throws IOException {
    TestStore.requireRoot();
    test = new TestStore(directory);
    base = new TestImage().layer(SHARED).tag("base:1");
    web = new TestImage().layer(SHARED).layer(TestTar.ofFile("web", "123")).tag("web:1");
    test.load(base.docker24());
    test.load(web.docker24());
  }

  private ImageRemoval removal() {
    return new ImageRemoval(test.store, image -> List.of(), ProgressListener.SILENT);
  }

  private void tag(String image, String name) throws IOException {
    Reference reference = Objects.requireNonNull(Reference.parse(name));
    new ImageNames(test.store, ProgressListener.SILENT).put(image, reference);
  }

  private List<String> tagsOf(String image) throws IOException {
    return test.store.find(image).tags();
  }

  @Test
  void lastName_takesTheImage_andTheLayersThatNoOtherImageHas() throws IOException {
    List<Path> layers = test.store.lowerDirectories(test.store.find("web:1"));
    Removed removed = removal().remove("web:1", false);
    assertThat(removed.names()).containsExactly("web:1");
    assertThat(removed.images()).containsExactly(web.id());
    assertThat(removed.layers()).hasSize(1);
    assertThat(removed.bytes()).isEqualTo(3);
    assertThat(layers.get(0)).doesNotExist();
    assertThat(layers.get(1)).isNotEmptyDirectory();
    assertThat(test.store.images())
        .singleElement()
        .extracting(StoredImage::id)
        .isEqualTo(base.id());
  }

  @Test
  void oneOfTwoNames_goesAlone() throws IOException {
    tag("web:1", "example.com/web:2");
    Removed removed = removal().remove("example.com/web:2", false);
    assertThat(removed.names()).containsExactly("example.com/web:2");
    assertThat(removed.images()).isEmpty();
    assertThat(tagsOf("web:1")).containsExactly("web:1");
  }

  @Test
  void nameThatLedToAnotherImage_leavesThatOneWithoutIt() throws IOException {
    tag("web:1", "base:1");
    assertThat(tagsOf("base:1")).containsExactly("base:1", "web:1");
    assertThat(tagsOf(base.id().hex())).isEmpty();
    assertThat(removal().removeAll(image -> image.tags().isEmpty(), false).images())
        .containsExactly(base.id());
    assertThat(test.store.lowerDirectories(test.store.find("web:1")))
        .hasSize(2)
        .allSatisfy(layer -> assertThat(layer).isNotEmptyDirectory());
  }

  @Test
  void idWithNamesInSeveralRepositories_needsForce_andTakesAllOfThem() throws IOException {
    tag("web:1", "other:1");
    String id = web.id().hex().substring(0, 12);
    assertThatThrownBy(() -> removal().remove(id, false))
        .hasMessage(
            "cannot remove '%s': image %s has names in several repositories (other:1, web:1):"
                + " remove it by its names, or with --force",
            id, id);
    assertThat(removal().remove(id, true).names()).containsExactly("other:1", "web:1");
    assertThat(test.store.images()).hasSize(1);
  }

  @Test
  void idWithTwoTagsOfOneRepository_goesWithBoth() throws IOException {
    tag("web:1", "web:2");
    assertThat(removal().remove(web.id().hex(), false).names()).containsExactly("web:1", "web:2");
  }

  @Test
  void imageInUse_stays_andForceTakesOnlyItsName() throws IOException {
    ImageRemoval removal =
        new ImageRemoval(
            test.store, image -> List.of("the mount at /m uses it"), ProgressListener.SILENT);
    assertThatThrownBy(() -> removal.remove("web:1", false))
        .hasMessage(
            "cannot remove 'web:1', image %s: the mount at /m uses it", web.id().shortHex());
    assertThatThrownBy(() -> removal.remove(web.id().hex(), true))
        .hasMessageContaining("the mount at /m uses it");
    Removed removed = removal.remove("web:1", true);
    assertThat(removed.names()).containsExactly("web:1");
    assertThat(removed.images()).isEmpty();
    assertThat(tagsOf(web.id().hex())).isEmpty();
    assertThat(removal.removeAll(image -> true, false).images()).isEmpty();
  }

  /** A mount of another user is in no list, but it holds its layers. */
  @Test
  void layerThatAMountHolds_staysWithItsImage() throws IOException {
    List<byte[]> lowers = new ArrayList<>();
    for (Path layer : test.store.lowerDirectories(test.store.find("web:1"))) {
      lowers.add(layer.toString().getBytes(UTF_8));
    }
    List<String> before = TestTree.of(test.store.root());
    try (LayerHolds held = LayerHolds.of(lowers)) {
      assertThatThrownBy(() -> removal().remove("web:1", false))
          .hasMessageStartingWith("cannot remove the layer ")
          .hasMessageEndingWith("perhaps one of another user, or a save: unmount it first");
      assertThat(TestTree.of(test.store.root())).isEqualTo(before);
      assertThat(held).isNotNull();
    }
    removal().remove("web:1", false);
    assertThatThrownBy(() -> LayerHolds.of(lowers)).isInstanceOf(IOException.class);
  }

  /** The load saw the layer and will not unpack it again. */
  @Test
  void layerThatARunningLoadCountsOn_stays() throws IOException {
    StoredImage image = test.store.find("web:1");
    Path layer = test.store.lowerDirectories(image).get(0);
    try (StoreLoad load = StoreLoad.begin(test.store, ProgressListener.SILENT)) {
      assertThat(load.hasLayer(image.chainIds().get(1))).isTrue();
      assertThat(removal().remove("web:1", false).layers()).isEmpty();
      assertThat(layer).isNotEmptyDirectory();
    }
    // Nobody needs it any more, so the next change takes it.
    tag("base:1", "base:2");
    assertThat(layer).doesNotExist();
  }

  /** Which layers its image has cannot be known. */
  @Test
  void damagedConfiguration_keepsAllLayers() throws IOException {
    Path config =
        test.store.root().resolve("image/overlay2/imagedb/content/sha256/" + web.id().hex());
    Files.writeString(config, "{");
    List<Path> layers = test.store.lowerDirectories(test.store.find("base:1"));
    removal().remove("base:1", false);
    tag(web.id().hex().substring(0, 1) + "none", "x:1", "there is no image");
    assertThat(layers.get(0)).isNotEmptyDirectory();
  }

  private void tag(String image, String name, String failure) {
    assertThatThrownBy(() -> tag(image, name)).hasMessageContaining(failure);
  }

  @Test
  void damagedNames_areKeptAside_andImagesHaveTheirIds() throws IOException {
    Path names = test.store.root().resolve("image/overlay2/repositories.json");
    for (String damage : List.of("", "{\"Repositories\":", "[]")) {
      Files.writeString(names, damage);
      assertThatThrownBy(() -> test.store.find("web:1")).hasMessageContaining("repositories.json");
      assertThat(test.store.find(web.id().hex()).id()).isEqualTo(web.id());
      tag(web.id().hex(), "web:1");
      assertThat(names.resolveSibling("repositories.json.damaged")).hasContent(damage);
      assertThat(tagsOf("web:1")).containsExactly("web:1");
    }
  }

  @Test
  void layerDirectoryRemovedByHand_isLoadedAgain() throws Exception {
    Path layer = test.store.lowerDirectories(test.store.find("web:1")).get(0);
    TestCommand.run("rm", "-r", layer.resolveSibling("").normalize().toString());
    test.load(web.docker24());
    assertThat(layer).isNotEmptyDirectory();
  }

  @Test
  void storeOfAnotherVersion_isRefused_andNothingIsTouched() throws IOException {
    Files.writeString(test.store.root().resolve("version"), "3\n");
    List<String> before = TestTree.of(test.store.root());
    String refusal = "the store " + test.store.root() + " has version '3', and this plyfs knows";
    assertThatThrownBy(() -> test.store.images()).hasMessageStartingWith(refusal);
    assertThatThrownBy(() -> removal().remove("web:1", false)).hasMessageStartingWith(refusal);
    assertThatThrownBy(() -> test.load(base.docker24())).hasMessageStartingWith(refusal);
    assertThat(TestTree.of(test.store.root())).isEqualTo(before);
    Files.delete(test.store.root().resolve("version")); // as of version 1
    assertThat(test.store.images()).hasSize(2);
    tag("web:1", "web:2");
    assertThat(test.store.root().resolve("version")).hasContent("2\n");
  }

  @Test
  void dryRun_saysTheSameAsThePrune_andRemovesNothing() throws IOException {
    List<String> before = TestTree.of(test.store.root());
    Removed dry = removal().removeAll(image -> true, true);
    assertThat(TestTree.of(test.store.root())).isEqualTo(before);
    assertThat(removal().removeAll(image -> true, false)).isEqualTo(dry);
    assertThat(dry.bytes()).isEqualTo(8);
    assertThat(test.store.images()).isEmpty();
  }

  /** Ten images on one base. */
  @Test
  void usage_countsASharedLayerOnce() throws IOException {
    for (int i = 0; i < 8; i++) {
      test.load(
          new TestImage()
              .layer(SHARED)
              .layer(TestTar.ofFile("of" + i, "x".repeat(i)))
              .tag("image:" + i)
              .docker24());
    }
    StoreUsage usage = new StoreUsage(test.store);
    assertThat(usage.images()).hasSize(10);
    assertThat(usage.bytes()).isEqualTo(5 + 3 + 28);
    StoredImage seventh = test.store.find("image:7");
    assertThat(usage.shared(seventh)).isEqualTo(5);
    assertThat(usage.unique(seventh)).isEqualTo(7);
    assertThat(usage.reclaimable(List.of(seventh))).isEqualTo(7);
    assertThat(usage.reclaimable(usage.images())).isEqualTo(36);
  }
}
