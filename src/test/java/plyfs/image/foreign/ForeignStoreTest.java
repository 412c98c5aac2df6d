package plyfs.image.foreign;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plyfs.image.store.ImageLayers;

/** The lists of containers/storage, as podman writes them; engines.test.sh has the real engines. */
final class ForeignStoreTest {
  private static final String BASE = "a".repeat(64);
  private static final String TOP = "b".repeat(64);
  private static final String IMAGE = "4e083ecd" + "c".repeat(56);
  private static final String OTHER = "4e083ecd" + "d".repeat(56);

  @TempDir Path root;

  private ForeignStore storage(String images, String layers) throws IOException {
    write("overlay-images/images.json", images);
    write("overlay-layers/layers.json", layers);
    for (String layer : List.of(BASE, TOP)) {
      Files.createDirectories(root.resolve("overlay/" + layer + "/diff"));
    }
    return ForeignStoreKind.CONTAINERS_STORAGE.open(root);
  }

  private void write(String name, String text) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private static String image(String id, String layer, String names) {
    return "{'id':'%s','digest':'sha256:%s','names':[%s],'layer':'%s'}"
        .formatted(id, "e".repeat(64), names, layer)
        .replace('\'', '"');
  }

  private static String twoLayers() {
    return "[{'id':'%s'},{'id':'%s','parent':'%s'}]".formatted(BASE, TOP, BASE).replace('\'', '"');
  }

  private ForeignStore usual() throws IOException {
    return storage(
        "[" + image(IMAGE, TOP, "'localhost/built:1','docker.io/library/busybox:latest'") + "]",
        twoLayers());
  }

  @Test
  void image_isFoundByEachOfItsNames_andItsLayersAreTopmostFirst() throws IOException {
    ForeignStore storage = usual();
    for (String name :
        List.of(
            "built:1",
            "localhost/built:1",
            "busybox",
            "docker.io/busybox",
            IMAGE,
            "sha256:" + IMAGE,
            "4e08",
            "sha256:" + "e".repeat(64))) {
      ImageLayers found = storage.find(name);
      assertThat(found.id().hex()).as(name).isEqualTo(IMAGE);
      assertThat(found.directories())
          .containsExactly(
              root.resolve("overlay/" + TOP + "/diff"), root.resolve("overlay/" + BASE + "/diff"));
    }
  }

  @Test
  void unknownName_andDigitsOfTwoImages_areRefused() throws IOException {
    ForeignStore storage =
        storage("[" + image(IMAGE, TOP, "") + "," + image(OTHER, BASE, "") + "]", twoLayers());
    assertThatThrownBy(() -> storage.find("built"))
        .hasMessage("there is no image 'built' in " + root);
    assertThatThrownBy(() -> storage.find("4e083"))
        .hasMessage("'4e083' is the beginning of 2 image IDs: give more");
  }

  @Test
  void layersThatCannotBeMounted_areNamed() throws IOException {
    ForeignStore storage = usual();
    write("overlay/" + BASE + "/composefs-data/composefs.blob", "");
    assertThatThrownBy(() -> storage.find("built:1")).hasMessageContaining("composefs");
    Files.delete(root.resolve("overlay/" + BASE + "/composefs-data/composefs.blob"));
    Files.delete(root.resolve("overlay/" + BASE + "/composefs-data"));
    Files.delete(root.resolve("overlay/" + BASE + "/diff"));
    assertThatThrownBy(() -> storage.find("built:1"))
        .hasMessage(
            "image built:1 is damaged: its layer "
                + root.resolve("overlay/" + BASE + "/diff")
                + " is missing");
  }

  @Test
  void circleOfParents_unlistedParent_andAnIdThatIsAPath_areRefused() throws IOException {
    String circle =
        twoLayers()
            .replace(
                "{\"id\":\"" + BASE + "\"}",
                "{\"id\":\"" + BASE + "\",\"parent\":\"" + TOP + "\"}");
    String images = "[" + image(IMAGE, TOP, "") + "]";
    ForeignStore circular = storage(images, circle);
    assertThatThrownBy(() -> circular.find(IMAGE)).hasMessageContaining("is its own parent");
    ForeignStore unlisted =
        storage(images, "[{\"id\":\"" + TOP + "\",\"parent\":\"" + OTHER + "\"}]");
    assertThatThrownBy(() -> unlisted.find(IMAGE))
        .hasMessageContaining("layer " + OTHER + " is missing in the list of layers");
    ForeignStore path =
        storage("[" + image(IMAGE, "../../etc", "") + "]", "[{\"id\":\"../../etc\"}]");
    assertThatThrownBy(() -> path.find(IMAGE)).hasMessage("'../../etc' is not the ID of a layer");
  }
}
