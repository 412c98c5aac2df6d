package plyfs.image.store;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.file.Path;
import plyfs.image.disk.StoreDisk;

/**
 * The version of a store's layout: file {@code version}, a decimal number. A store without that
 * file is of version 1, which lacks only what version 2 adds, so it is taken, and becomes one of
 * version 2 by the next change.
 */
final class StoreVersion {
  private static final String CURRENT = "2";

  private StoreVersion() {}

  /**
   * Refuses a store of a version that this program does not know.
   *
   * @throws IOException it is another one; the message says which
   */
  static void check(StorePaths paths, StoreDisk disk) throws IOException {
    byte[] content = disk.readIfThere(paths.version());
    String version = content == null ? CURRENT : new String(content, US_ASCII).strip();
    if (!version.equals(CURRENT)) {
      throw new IOException(
          "the store "
              + paths.root()
              + " has version '"
              + version
              + "', and this plyfs knows version "
              + CURRENT
              + ": use the plyfs that made it, or another store with --store");
    }
  }

  /**
   * Says in a store which version it has. The caller holds the lock of the store.
   *
   * @param directory where a file can be prepared
   */
  static void mark(StorePaths paths, StoreDisk disk, Path directory) throws IOException {
    if (!disk.exists(paths.version())) {
      Path file = directory.resolve("version");
      disk.write(file, (CURRENT + "\n").getBytes(US_ASCII));
      disk.move(file, paths.version());
    }
  }
}
