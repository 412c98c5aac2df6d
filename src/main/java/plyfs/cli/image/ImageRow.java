package plyfs.cli.image;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import plyfs.cli.format.Fields;
import plyfs.cli.format.Units;
import plyfs.image.store.StoredImage;

/**
 * A line of {@code plyfs images}: an image under one of its names.
 *
 * @param digest of a manifest, with which a registry knows the image
 * @implNote docker/cli's formatter for images
 */
record ImageRow(StoredImage image, String repository, String tag, String digest) {
  private static final String NONE = "<none>";
  private static final String UNKNOWN = "N/A";

  /** As Go prints a time. */
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss xx zzz", Locale.ROOT);

  /**
   * The lines of an image: one for each tag, and one for each repository of which it has a digest
   * only.
   *
   * @param tags those of its tags that are to be shown
   * @param digests those of its names with digests that are to be shown
   * @param withDigests whether each digest is to have a line
   */
  static List<ImageRow> of(
      StoredImage image, List<String> tags, List<String> digests, boolean withDigests) {
    List<ImageRow> rows = new ArrayList<>();
    List<String> left = new ArrayList<>(digests);
    for (String name : tags) {
      int colon = name.lastIndexOf(':');
      String repository = name.substring(0, colon);
      List<String> ofTag = new ArrayList<>();
      for (String each : digests) {
        if (repository(each).equals(repository)) {
          ofTag.add(digest(each));
          left.remove(each);
        }
      }
      if (!withDigests || ofTag.isEmpty()) {
        ofTag = List.of(NONE);
      }
      ofTag.forEach(
          digest -> rows.add(new ImageRow(image, repository, name.substring(colon + 1), digest)));
    }
    String before = "";
    for (String each : left) {
      if (withDigests || !repository(each).equals(before)) {
        rows.add(new ImageRow(image, repository(each), NONE, withDigests ? digest(each) : NONE));
      }
      before = repository(each);
    }
    if (rows.isEmpty()) {
      rows.add(new ImageRow(image, NONE, NONE, NONE));
    }
    return rows;
  }

  private static String repository(String nameWithDigest) {
    return nameWithDigest.substring(0, nameWithDigest.indexOf('@'));
  }

  private static String digest(String nameWithDigest) {
    return nameWithDigest.substring(nameWithDigest.indexOf('@') + 1);
  }

  /**
   * What templates can name.
   *
   * @param isWhole whether IDs are shown with all their digits
   */
  static Fields<ImageRow> fields(boolean isWhole, SharedLayers shared) {
    return new Fields<ImageRow>()
        .add(
            "ID",
            "IMAGE ID",
            row -> isWhole ? row.image.id().toString() : row.image.id().shortHex())
        .add("Repository", "REPOSITORY", ImageRow::repository)
        .add("Tag", "TAG", ImageRow::tag)
        .add("Digest", "DIGEST", ImageRow::digest)
        .add("CreatedSince", "CREATED", row -> since(row.image.created()))
        .add("CreatedAt", "CREATED AT", row -> at(row.image.created()))
        .add("Size", "SIZE", row -> Units.size(row.image.size()))
        .add("VirtualSize", "SIZE", row -> Units.preciseSize(row.image.size()))
        .add("SharedSize", "SHARED SIZE", row -> Units.preciseSize(shared.bytes(row.image)))
        .add(
            "UniqueSize",
            "UNIQUE SIZE",
            row -> Units.preciseSize(row.image.size() - shared.bytes(row.image)))
        .add("Containers", "CONTAINERS", row -> UNKNOWN);
  }

  /** {@code 2 weeks ago}, or {@code N/A} where the time is not known. */
  static String since(@Nullable Instant created) {
    return created == null ? UNKNOWN : Units.age(Duration.between(created, Instant.now())) + " ago";
  }

  static String at(@Nullable Instant created) {
    return created == null ? UNKNOWN : TIME.format(created.atZone(ZoneId.systemDefault()));
  }
}
