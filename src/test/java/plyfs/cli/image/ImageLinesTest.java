package plyfs.cli.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import plyfs.image.model.Digest;
import plyfs.image.model.ImageConfig;
import plyfs.image.model.ImageDetails;
import plyfs.image.store.StoredImage;

/** Which lines {@code images} and {@code history} have. */
final class ImageLinesTest {
  private static final Digest ID = Digest.sha256(new byte[] {0});
  private static final String A = "sha256:" + "a".repeat(64);
  private static final String B = "sha256:" + "b".repeat(64);

  /** An image with layers of 100, 200 ... bytes. */
  private static StoredImage image(
      int layers, String history, List<String> tags, List<String> digests) throws IOException {
    List<String> diffIds = new ArrayList<>();
    List<Long> sizes = new ArrayList<>();
    for (int i = 1; i <= layers; i++) {
      diffIds.add("\"" + Digest.sha256(new byte[] {(byte) i}) + "\"");
      sizes.add(100L * i);
    }
    byte[] bytes =
        ("{\"rootfs\":{\"diff_ids\":" + diffIds + "},\"history\":" + history + "}").getBytes(UTF_8);
    ImageConfig config = ImageConfig.parse("image", bytes);
    return new StoredImage(
        ID,
        tags,
        config.created(),
        sizes.stream().mapToLong(Long::longValue).sum(),
        config.chainIds(),
        config.commands(),
        digests,
        sizes,
        ImageDetails.parse("image", bytes));
  }

  private static List<String> lines(List<String> tags, List<String> digests, boolean withDigests)
      throws IOException {
    return ImageRow.of(image(0, "[]", tags, digests), tags, digests, withDigests).stream()
        .map(row -> row.repository() + " " + row.tag() + " " + row.digest())
        .toList();
  }

  /** As {@code docker images} and {@code docker images --digests}, 28.2.2, print them. */
  @Test
  void image_hasALineForEachTag_andForARepositoryWithDigestsOnly() throws IOException {
    List<String> tags = List.of("a/b:1", "a/b:latest", "host:5000/z:2");
    List<String> digests = List.of("a/b@" + A, "q@" + A, "q@" + B);
    assertThat(lines(tags, digests, false))
        .containsExactly(
            "a/b 1 <none>", "a/b latest <none>", "host:5000/z 2 <none>", "q <none> <none>");
    assertThat(lines(tags, digests, true))
        .containsExactly(
            "a/b 1 " + A,
            "a/b latest " + A,
            "host:5000/z 2 <none>",
            "q <none> " + A,
            "q <none> " + B);
    assertThat(lines(List.of(), List.of(), true)).containsExactly("<none> <none> <none>");
  }

  private static List<String> steps(int layers, String history) throws IOException {
    return HistoryRow.of(image(layers, history, List.of(), List.of())).stream()
        .map(
            row ->
                (row.id() == null ? "-" : "id")
                    + " "
                    + row.layer()
                    + " "
                    + row.bytes()
                    + " "
                    + row.step().createdBy())
        .toList();
  }

  @Test
  void step_hasTheLayerThatItMade_countedFromTheBase() throws IOException {
    assertThat(
            steps(
                2,
                """
                [{"created_by": "ADD"}, {"created_by": "ENV", "empty_layer": true},
                 {"created_by": "RUN"}, {"created_by": "CMD", "empty_layer": true}]"""))
        .containsExactly("id 0 0 CMD", "- 2 200 RUN", "- 0 0 ENV", "- 1 100 ADD");
  }

  @Test
  void historyThatDoesNotFit_saysNothingOfLayers_butAllOfThemAreListed() throws IOException {
    assertThat(steps(2, "[{\"created_by\": \"ADD\"}]")).containsExactly("id 2 200 ", "- 1 100 ");
    assertThat(steps(1, "\"odd\"")).containsExactly("id 1 100 ");
    assertThat(steps(0, "[{\"created_by\": \"CMD\", \"empty_layer\": true}]"))
        .containsExactly("id 0 0 CMD");
    assertThat(steps(0, "[]")).isEmpty();
  }

  @Test
  void layersOfSeveralImages_areShared() throws IOException {
    StoredImage small = image(1, "[]", List.of(), List.of());
    StoredImage large = image(3, "[]", List.of(), List.of());
    SharedLayers shared = new SharedLayers(List.of(small, large));
    assertThat(shared.bytes(small)).isEqualTo(100);
    assertThat(shared.bytes(large)).isEqualTo(100);
    assertThat(new SharedLayers(List.of(large)).bytes(large)).isZero();
  }

  @Test
  void details_thatAreOfAnotherType_areEmpty() throws IOException {
    byte[] bytes =
        """
        {"rootfs": {"diff_ids": []}, "author": ["x"], "config": {"Labels": {"a": 1, "b": null}},
         "history": [7, {"created": "yesterday", "created_by": {}, "empty_layer": "true"}]}
        """
            .getBytes(UTF_8);
    ImageDetails details = ImageDetails.parse("image", bytes);
    assertThat(details.text("author")).isEmpty();
    assertThat(details.labels()).containsEntry("a", "1").containsEntry("b", "");
    assertThat(details.history()).hasSize(2);
    assertThat(details.history().get(1).created()).isNull();
    assertThat(details.history().get(1).isEmpty()).isTrue();
  }

  @Test
  void age_isUnknown_whereTheImageDoesNotSay() {
    assertThat(ImageRow.since(null)).isEqualTo("N/A");
    assertThat(ImageRow.since(Instant.EPOCH)).endsWith(" years ago");
  }
}
