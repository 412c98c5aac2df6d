package plyfs.image.store;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Map;
import plyfs.image.disk.StoreDisk;
import plyfs.image.model.Digest;

/** What a store knows of an image beside its configuration: files in a directory of its own. */
final class ImageMetadata {
  static final String MANIFESTS = "manifests";
  static final String LAST_UPDATED = "lastUpdated";

  /** RFC 3339, with no zeros at the end of the fraction, as Go writes it. */
  private static final DateTimeFormatter TIME =
      new DateTimeFormatterBuilder().appendInstant(-1).toFormatter();

  private final StoreDisk disk;
  private final StorePaths paths;
  private final StoreWork work;

  ImageMetadata(StoreDisk disk, StorePaths paths, StoreWork work) {
    this.disk = disk;
    this.paths = paths;
    this.work = work;
  }

  /**
   * The text of {@link #LAST_UPDATED}.
   *
   * @implNote moby, image/store.go, SetLastUpdated
   */
  static byte[] now() {
    return TIME.format(Instant.now()).getBytes(US_ASCII);
  }

  /**
   * Has moves put files in their place. A directory that is new comes whole, so that undoing leaves
   * none.
   *
   * @param files their content by name
   */
  void put(Moves moves, Digest imageId, Map<String, byte[]> files) throws IOException {
    Path own = work.directory().resolve("metadata-" + imageId.hex());
    disk.makeDirectories(own);
    Path place = paths.metadata(imageId);
    boolean isNew = !disk.exists(place);
    for (Map.Entry<String, byte[]> each : files.entrySet()) {
      Path file = own.resolve(each.getKey());
      disk.write(file, each.getValue());
      if (!isNew) {
        work.replace(moves, file, place.resolve(each.getKey()));
      }
    }
    if (isNew) {
      disk.makeDirectories(paths.metadata());
      moves.add(own, place);
    }
  }
}
