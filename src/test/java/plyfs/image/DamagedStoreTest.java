package plyfs.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plyfs.image.model.Digest;
import plyfs.image.model.ProgressListener;
import plyfs.image.model.Reference;
import plyfs.image.store.ImageNames;
import plyfs.image.store.StoredImage;

/** A damaged file of a store hides nothing but what only it says. */
final class DamagedStoreTest {
  private static final byte[] LAYER = new TestTar().file("f", "x").bytes();

  @TempDir Path directory;
  private TestStore test;
  private TestImage good;
  private TestImage bad;
  private final List<String> notices = new ArrayList<>();

  @BeforeEach
  void load() throws IOException {
    TestStore.requireRoot();
    test = new TestStore(directory);
    good = new TestImage().tag("good:1").layer(LAYER);
    bad = new TestImage().tag("bad:1").layer(LAYER).layer(new TestTar().directory("d").bytes());
    test.load(good.docker24());
    test.load(bad.docker24());
  }

  private Path imageDatabase() {
    return test.store.root().resolve("image/overlay2");
  }

  private List<Digest> ids() throws IOException {
    return test.store.images(notices::add).stream().map(StoredImage::id).toList();
  }

  @Test
  void truncatedConfiguration_hidesNoOtherImage() throws IOException {
    Path config = imageDatabase().resolve("imagedb/content/sha256/" + bad.id().hex());
    Files.write(config, new byte[0]);
    assertThat(ids()).containsExactly(good.id());
    assertThat(notices).hasSize(1);
    assertThat(notices.get(0))
        .startsWith("image bad:1, " + bad.id().shortHex() + ", cannot be read: " + config)
        .contains("is damaged");
    assertThat(test.store.find("good:1").id()).isEqualTo(good.id());
    assertThatThrownBy(() -> test.store.find("bad:1")).hasMessageContaining("is damaged");
  }

  @Test
  void layerWithoutRecord_hidesNoOtherImage() throws IOException {
    Digest top = test.store.find("bad:1").chainIds().get(1);
    Files.delete(imageDatabase().resolve("layerdb/sha256/" + top.hex() + "/size"));
    assertThat(ids()).containsExactly(good.id());
    assertThat(notices).hasSize(1);
  }

  @Test
  void emptyRepositories_hideNamesOnly() throws IOException {
    Files.write(imageDatabase().resolve("repositories.json"), new byte[0]);
    assertThat(ids()).containsExactlyInAnyOrder(good.id(), bad.id());
    assertThat(notices).hasSize(1);
    assertThat(notices.get(0)).startsWith("the names of the images are unknown: ");
    assertThat(test.store.find(good.id().shortHex()).id()).isEqualTo(good.id());
    assertThatThrownBy(() -> test.store.find("good:1")).hasMessageContaining("repositories.json");
  }

  @Test
  void nameWithDigest_isNoTag_andIsFound() throws IOException {
    Path names = imageDatabase().resolve("repositories.json");
    String digest = "sha256:" + "a".repeat(64);
    Files.writeString(
        names,
        Files.readString(names)
            .replace("\"good:1\":", "\"good@" + digest + "\": \"" + good.id() + "\", \"good:1\":"));
    StoredImage found = test.store.find("docker.io/library/good@" + digest);
    assertThat(found.id()).isEqualTo(good.id());
    assertThat(found.tags()).containsExactly("good:1");
    assertThat(found.digests()).containsExactly("good@" + digest);
    assertThat(test.store.find("good:other@" + digest).id()).isEqualTo(good.id());
    assertThatThrownBy(() -> test.store.find("good@sha256:" + "b".repeat(64)))
        .hasMessageContaining("there is no image");
  }

  @Test
  void timeOfTheLastName_isReadWhereItIsNoted() throws IOException {
    StoredImage image = test.store.find("good:1");
    Path noted =
        imageDatabase().resolve("imagedb/metadata/sha256/" + image.id().hex() + "/lastUpdated");
    Files.writeString(noted, "2026-11-30T10:20:30.5+01:00");
    assertThat(test.store.lastTagged(image)).hasToString("2026-11-30T09:20:30.500Z");
    Files.writeString(noted, "some time");
    assertThat(test.store.lastTagged(image)).isNull();
  }

  @Test
  void givingAName_notesTheTime_andTheSameNameByALoadDoesNot() throws IOException {
    StoredImage image = test.store.find("good:1");
    Path noted =
        imageDatabase().resolve("imagedb/metadata/sha256/" + image.id().hex() + "/lastUpdated");
    assertThat(Files.readString(noted))
        .as("as Go writes RFC 3339")
        .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{0,8}[1-9])?Z");
    String old = "2020-01-01T00:00:00Z";
    Files.writeString(noted, old);
    test.load(good.docker24());
    assertThat(noted).content().isEqualTo(old);
    new ImageNames(test.store, ProgressListener.SILENT)
        .put("good:1", Objects.requireNonNull(Reference.parse("good:2")));
    assertThat(test.store.lastTagged(image)).isAfter(Instant.parse("2026-01-01T00:00:00Z"));
  }
}
