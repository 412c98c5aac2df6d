package plyfs.differential;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How a pair of unions is made.
 *
 * @param parent where the layers are made
 * @param layers number of lower layers; 0 lets the seed decide
 */
record Setting(Path parent, int layers, SharedOptions options) {
  /** What a seed decides if nobody else does. */
  static Setting of(long seed, int layers) {
    return new Setting(baseFor(seed), layers, SharedOptions.of(seed));
  }

  /** A memory file system is quick, a disk is what people have: layers on both, in turn. */
  private static Path baseFor(long seed) {
    Path memory = Path.of("/dev/shm");
    return seed % 2 == 0 && Files.isWritable(memory) ? memory : Path.of("/var/tmp");
  }
}
