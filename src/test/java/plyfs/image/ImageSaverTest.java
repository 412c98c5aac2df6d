package plyfs.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import plyfs.image.load.LoadedImage;
import plyfs.image.model.Digest;
import plyfs.image.model.ProgressListener;
import plyfs.image.save.ImageSaver;
import plyfs.image.save.SaveFormat;
import plyfs.image.store.ImageRemoval;

/** Images come out of a store as they went in. */
final class ImageSaverTest {
  private static final byte[] BASE =
      new TestTar().mode(0755).directory("etc").mode(0644).file("etc/a", "1").bytes();
  private static final byte[] TOP = TestTar.ofFile("etc/.wh.a", "");

  @TempDir Path directory;
  private TestStore test;

  @BeforeEach
  void makeStore() {
    TestStore.requireRoot();
    test = new TestStore(directory);
  }

  private static TestImage image() {
    return new TestImage().layer(BASE).layer(TOP).layer(BASE).tag("demo:v1").tag("x.org/y/z:v1");
  }

  private Map<String, byte[]> saved(SaveFormat format, String... images) throws IOException {
    return members(bytes(format, images));
  }

  private byte[] bytes(SaveFormat format, String... images) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new ImageSaver(test.store, format, () -> false).write(List.of(images), out, "memory");
    return out.toByteArray();
  }

  private static Map<String, byte[]> members(byte[] tar) throws IOException {
    Map<String, byte[]> members = new LinkedHashMap<>();
    try (var in = new TarArchiveInputStream(new ByteArrayInputStream(tar))) {
      TarArchiveEntry entry;
      while ((entry = in.getNextEntry()) != null) {
        assertThat(entry.getLastModifiedTime().toMillis()).isZero();
        members.put(entry.getName(), in.readAllBytes());
      }
    }
    return members;
  }

  private static String text(byte @Nullable [] bytes) {
    return new String(Objects.requireNonNull(bytes), UTF_8);
  }

  @Test
  void dockerArchive_isLaidOutAsDockerSaveDoes() throws IOException {
    test.load(image().docker24());
    Map<String, byte[]> files = saved(SaveFormat.DOCKER_ARCHIVE, "demo:v1");
    String base = "blobs/sha256/" + Digest.sha256(BASE).hex();
    String top = "blobs/sha256/" + Digest.sha256(TOP).hex();
    String config = "blobs/sha256/" + image().id().hex();
    assertThat(files.keySet()).startsWith("blobs/", "blobs/sha256/").contains(base, top, config);
    assertThat(files.keySet().stream().skip(6))
        .containsExactly("index.json", "manifest.json", "oci-layout", "repositories");
    assertThat(files.get(base)).isEqualTo(BASE);
    assertThat(files.get(config)).isEqualTo(image().config());
    String layers = "\"Layers\":[\"" + base + "\",\"" + top + "\",\"" + base + "\"]";
    assertThat(text(files.get("manifest.json")))
        .startsWith(
            "[{\"Config\":\"" + config + "\",\"RepoTags\":[\"demo:v1\"]," + layers + ",\"LayerS")
        .contains(
            "\"" + Digest.sha256(BASE) + "\":{\"mediaType\":\"application/vnd.oci.image.layer");
    assertThat(text(files.get("repositories")))
        .isEqualTo("{\"demo\":{\"v1\":\"" + Digest.sha256(BASE).hex() + "\"}}");
    assertThat(text(files.get("oci-layout"))).isEqualTo("{\"imageLayoutVersion\":\"1.0.0\"}");
  }

  @Test
  void savedImage_isTheSameInAnotherStore_andTheBytesAreTheSameEachTime() throws IOException {
    test.load(image().docker24());
    for (SaveFormat format : List.of(SaveFormat.DOCKER_ARCHIVE, SaveFormat.OCI_ARCHIVE)) {
      byte[] bytes = bytes(format, "demo:v1", "x.org/y/z");
      assertThat(bytes(format, "demo:v1", "x.org/y/z")).isEqualTo(bytes);
      TestStore other = new TestStore(Files.createTempDirectory(directory, "other"));
      List<LoadedImage> loaded = other.load(Files.write(directory.resolve("a.tar"), bytes));
      assertThat(loaded).extracting(LoadedImage::id).containsOnly(image().id());
      assertThat(other.store.find("demo:v1").tags()).containsExactly("demo:v1", "x.org/y/z:v1");
    }
  }

  @Test
  void layout_comesOutWithItsManifestAndCompressedLayers() throws IOException {
    for (TestImage image :
        List.of(image().compression(TestImage::gzip), image().compression(TestImage::zstd))) {
      Map<String, byte[]> before = image.oci();
      test.load(before);
      Map<String, byte[]> after = saved(SaveFormat.OCI_ARCHIVE, "demo:v1");
      assertThat(after.keySet().stream().filter(name -> name.startsWith("blobs/sha256/")).skip(1))
          .containsExactlyInAnyOrderElementsOf(
              before.keySet().stream().filter(name -> name.startsWith("blobs/")).toList());
      before.forEach(
          (name, content) -> {
            if (name.startsWith("blobs/")) {
              assertThat(after.get(name)).as(name).isEqualTo(content);
            }
          });
      assertThat(text(after.get("index.json")))
          .contains("\"io.containerd.image.name\":\"docker.io/library/demo:v1\"")
          .contains("\"org.opencontainers.image.ref.name\":\"v1\"");
    }
  }

  @Test
  void nameTakesTheManifestThatItCameWith() throws IOException {
    TestImage first = new TestImage().layer(BASE).compression(TestImage::gzip).tag("first:1");
    TestImage second = new TestImage().layer(BASE).compression(TestImage::zstd).tag("second:1");
    test.load(first.oci());
    test.load(second.oci());
    for (TestImage image : List.of(first, second)) {
      String name = image == first ? "first:1" : "second:1";
      String index = text(saved(SaveFormat.OCI_ARCHIVE, name).get("index.json"));
      assertThat(
              image.oci().keySet().stream()
                  .filter(file -> file.startsWith("blobs/sha256/"))
                  .filter(file -> index.contains(file.substring(13))))
          .as(index)
          .hasSize(1);
    }
  }

  @Test
  void imageWhoseBlobIsGone_getsANewManifest() throws IOException {
    test.load(image().compression(TestImage::gzip).oci());
    Files.delete(test.store.blob(Digest.sha256(TestImage.gzip(TOP))));
    Map<String, byte[]> after = saved(SaveFormat.OCI_ARCHIVE, "demo:v1");
    assertThat(after).containsKey("blobs/sha256/" + Digest.sha256(TOP).hex());
  }

  @Test
  void nameWithoutTag_takesAllTagsAlong_andAnIdNone() throws IOException {
    test.load(new TestImage().layer(BASE).tag("app:1").tag("app:2").tag("b:1").docker24());
    test.load(new TestImage().layer(TOP).tag("app:3").docker24());
    String all = text(saved(SaveFormat.DOCKER_ARCHIVE, "app").get("manifest.json"));
    assertThat(all).contains("\"RepoTags\":[\"app:1\",\"app:2\"]").contains("[\"app:3\"]");
    String id = test.store.find("app:3").id().shortHex();
    Map<String, byte[]> byId = saved(SaveFormat.DOCKER_ARCHIVE, id);
    assertThat(text(byId.get("manifest.json"))).contains("\"RepoTags\":[]");
    assertThat(byId).doesNotContainKey("repositories");
    String both = text(saved(SaveFormat.DOCKER_ARCHIVE, id, "app:3").get("manifest.json"));
    assertThat(both).contains("\"RepoTags\":[\"app:3\"]");
    assertThatThrownBy(() -> saved(SaveFormat.DOCKER_ARCHIVE, "app:4"))
        .hasMessageContaining("there is no image 'app:4' in the store");
    String names = text(saved(SaveFormat.OCI_ARCHIVE, "app:1", "b:1", "app:2").get("index.json"));
    assertThat(names).contains("ref.name\":\"app:1\"").contains("ref.name\":\"b:1\"");
    assertThat(names).contains("ref.name\":\"2\"");
  }

  @Test
  void directory_isALayout_andIsNotWrittenOverAnother() throws IOException {
    test.load(image().compression(TestImage::gzip).oci());
    Path target = directory.resolve("layout");
    ImageSaver saver = new ImageSaver(test.store, SaveFormat.OCI_DIRECTORY, () -> false);
    saver.write(List.of("demo:v1"), target);
    TestStore other = new TestStore(Files.createDirectory(directory.resolve("other")));
    assertThat(other.load(target)).extracting(LoadedImage::id).containsExactly(image().id());
    assertThatThrownBy(() -> saver.write(List.of("demo:v1"), target))
        .hasMessage("cannot write " + target + ": it is there already, and is no empty directory");
  }

  @Test
  void failedSave_leavesTheFileThatWasThere_andNothingBeside() throws IOException {
    test.load(image().compression(TestImage::gzip).oci());
    Path place = Files.createDirectory(directory.resolve("place"));
    Path target = Files.writeString(place.resolve("file"), "old");
    ImageSaver docker = new ImageSaver(test.store, SaveFormat.DOCKER_ARCHIVE, () -> false);
    ImageSaver oci = new ImageSaver(test.store, SaveFormat.OCI_DIRECTORY, () -> false);
    ImageSaver cancelled = new ImageSaver(test.store, SaveFormat.DOCKER_ARCHIVE, () -> true);
    assertThatThrownBy(() -> cancelled.write(List.of("demo:v1"), target))
        .hasMessage("interrupted, nothing is saved");
    Path a = test.store.lowerDirectories(test.store.find("demo:v1")).get(2).resolve("etc/a");
    Files.writeString(a, "2");
    assertThatThrownBy(() -> docker.write(List.of("demo:v1"), target))
        .hasMessageContaining(Digest.sha256(BASE) + " was changed in the store: 'etc/a'");
    Path blob = test.store.blob(Digest.sha256(TestImage.gzip(BASE)));
    Files.writeString(blob, "damaged");
    assertThatThrownBy(() -> oci.write(List.of("demo:v1"), place.resolve("new")))
        .hasMessage(blob + " was changed in the store; 'plyfs verify' checks all");
    assertThat(place.toFile().list()).containsExactly("file");
    assertThat(target).hasContent("old");
    assertThatThrownBy(() -> docker.write(List.of("demo:v1"), directory.resolve("no/file")))
        .hasMessage("cannot write " + directory.resolve("no/file") + ": No such file or directory");
  }

  @Test
  void outputThatCannotBeWritten_isNamed() throws IOException {
    test.load(image().docker24());
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int oneByte) throws IOException {
            throw new IOException("No space left on device");
          }
        };
    ImageSaver saver = new ImageSaver(test.store, SaveFormat.DOCKER_ARCHIVE, () -> false);
    assertThatThrownBy(() -> saver.write(List.of("demo:v1"), full, "to standard output"))
        .hasMessage("cannot write to standard output: No space left on device");
  }

  @Test
  void layersThatAreBeingSaved_stay() throws IOException {
    test.load(image().docker24());
    List<String> refusals = new ArrayList<>();
    OutputStream removing =
        new OutputStream() {
          @Override
          public void write(int b) {
            throw new AssertionError("one byte at a time");
          }

          @Override
          public void write(byte[] bytes, int offset, int length) {
            if (refusals.isEmpty()) {
              try {
                new ImageRemoval(test.store, image -> List.of(), ProgressListener.SILENT)
                    .remove(image().id().hex(), true);
                refusals.add("it was removed");
              } catch (IOException e) {
                refusals.add(String.valueOf(e.getMessage()));
              }
            }
          }
        };
    new ImageSaver(test.store, SaveFormat.DOCKER_ARCHIVE, () -> false)
        .write(List.of("demo:v1"), removing, "memory");
    assertThat(refusals).singleElement().asString().startsWith("cannot remove the layer ");
    assertThat(test.store.find("demo:v1").id()).isEqualTo(image().id());
  }
}
