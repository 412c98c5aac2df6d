package plyfs.image.foreign;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Layers that are there. */
final class PresentLayers {
  private PresentLayers() {}

  /**
   * The same directories.
   *
   * @throws IOException one of them is missing
   */
  static List<Path> checked(List<Path> layers, String image) throws IOException {
    for (Path layer : layers) {
      if (!Files.isDirectory(layer)) {
        throw new IOException("image " + image + " is damaged: its layer " + layer + " is missing");
      }
    }
    return layers;
  }
}
