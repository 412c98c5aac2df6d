package plyfs.cli.image;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import plyfs.cli.ImageMount;
import plyfs.image.disk.TreeSize;
import plyfs.image.store.LayerStore;

/**
 * Changes of an image at a mount point, as {@link ImageMount#changesOf} keeps them in a store.
 *
 * @param place its directory
 * @param image ID
 * @param mountpoint for people
 */
record KeptChanges(Path place, String image, String mountpoint) {
  private static final String POINT = "mountpoint ";

  /** All of a store that are not empty, in a fixed order. */
  static List<KeptChanges> of(LayerStore store) throws IOException {
    Path mounts = store.root().resolve(ImageMount.MOUNTS);
    List<KeptChanges> kept = new ArrayList<>();
    if (!Files.isDirectory(mounts)) {
      return kept;
    }
    try (Stream<Path> places = Files.list(mounts)) {
      for (Path place : places.sorted().toList()) {
        Path about = place.resolve(ImageMount.ABOUT);
        if (Files.exists(about) && hasChanges(place.resolve("diff"))) {
          kept.add(read(place, Files.readAllLines(about, UTF_8)));
        }
      }
    }
    return kept;
  }

  private static KeptChanges read(Path place, List<String> about) {
    String image = "";
    String mountpoint = "";
    for (String line : about) {
      if (line.startsWith("image ")) {
        image = line.substring(line.lastIndexOf(' ') + 1);
      } else if (line.startsWith(POINT)) {
        mountpoint = line.substring(POINT.length());
      }
    }
    return new KeptChanges(place, image, mountpoint);
  }

  private static boolean hasChanges(Path diff) throws IOException {
    if (!Files.isDirectory(diff)) {
      return false;
    }
    try (Stream<Path> names = Files.list(diff)) {
      return names.findAny().isPresent();
    }
  }

  /** The upper directory. */
  Path upper() {
    return place.resolve("diff");
  }

  /** Bytes of its files. */
  long bytes() throws IOException {
    return TreeSize.of(upper());
  }
}
